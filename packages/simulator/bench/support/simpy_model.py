"""An update of 100 instances with 10 tasks each, ten at a time, in SimPy: what somebody would write who has that library
and not this one.

`simpy_model.py updates FIRST_SEED UPDATES` or `simpy_model.py empty WAITING OCCURRENCES`; prints one line of JSON.

A host, a task, a drain and the scheduler are processes; whatever takes time is a timeout. The controller is forgetful like ours:
each batch of messages loads its stream, calls, and appends. Nothing fails, nothing is traced, and one promise is
judged: no service below its floor."""

import heapq
import json
import random
import sys
import time

import simpy

INSTANCES, TASKS_EACH, BATCH, ROOM = 100, 10, 10, 16
DESIRED = INSTANCES * TASKS_EACH


class Host:
    def __init__(self, env, number):
        self.number = number
        self.draining = False
        self.registered = env.event()
        self.tasks = set()
        self.inbox = simpy.Store(env)


class Task:
    __slots__ = ("host", "stop", "told", "healthy")

    def __init__(self, env, host):
        self.host = host
        self.stop = env.event()
        self.told = False
        self.healthy = False
        host.tasks.add(self)


class Cluster:
    def __init__(self, seed):
        self.env = simpy.Environment()
        self.uniform = random.Random(seed).uniform
        self.hosts = [Host(self.env, number) for number in range(INSTANCES)]
        self.tasks = {}  # In the order of their placement.
        self.staying = 0
        self.healthy = 0
        self.killed = 0
        self.pass_due = False
        for host in self.hosts:
            for _ in range(TASKS_EACH):
                self.env.process(self.live(self.placed(host), at_first=True))

    def within(self, least, most):
        return self.env.timeout(self.uniform(least, most))

    # The service scheduler

    def placed(self, host):
        task = Task(self.env, host)
        self.tasks[task] = None
        self.staying += 1
        return task

    def wake_scheduler(self):
        if not self.pass_due:
            self.pass_due = True
            self.env.process(self.scheduler_pass())

    def scheduler_pass(self):
        yield self.within(1, 5)
        self.pass_due = False
        missing = min(DESIRED - self.staying, 2 * DESIRED - len(self.tasks))
        if missing > 0:
            places = [(len(host.tasks), host.number) for host in self.hosts if self.takes(host)]
            heapq.heapify(places)
            for _ in range(missing):
                if not places:
                    break
                count, number = heapq.heappop(places)
                self.env.process(self.live(self.placed(self.hosts[number])))
                if count + 1 < ROOM:
                    heapq.heappush(places, (count + 1, number))
        spare = self.healthy - DESIRED
        for task in self.tasks if spare > 0 else ():
            if task.host.draining and not task.told and task.healthy:
                task.told = True
                task.stop.succeed()
                spare -= 1
                if spare == 0:
                    break

    def takes(self, host):
        return host.registered.processed and not host.draining and len(host.tasks) < ROOM

    # A task

    def live(self, task, at_first=False):
        if not at_first:
            yield self.within(0, 0.8)  # placement
            yield self.within(0.5, 2)  # the agent takes it up
            yield self.within(3, 8)  # pull
            yield self.within(1, 3)  # start
            yield self.within(0.05, 0.5)  # the agent's report: RUNNING
            yield self.env.timeout(40)
        task.healthy = True
        self.healthy += 1
        if not at_first:
            self.wake_scheduler()
        yield task.stop
        self.healthy -= 1
        if self.healthy < DESIRED:
            raise AssertionError("below the floor")
        yield self.within(0.05, 0.5)  # the agent hears of it
        yield self.within(2, 10)  # exit
        yield self.within(0.05, 0.5)  # the agent's report: STOPPED
        task.host.tasks.discard(task)
        del self.tasks[task]
        self.wake_scheduler()
        yield self.within(0.1, 0.9)  # the event bus
        task.host.inbox.put(task)

    # The controller

    def ask(self, least=0.02, most=0.12):
        half = self.uniform(least, most) / 2
        yield self.env.timeout(half)
        yield self.env.timeout(half)

    def store(self):
        return self.ask(0.003, 0.015)

    def invocation(self):
        yield self.env.timeout(1)  # the queue's window
        yield self.within(0.005, 0.4)  # the function starts
        yield from self.store()  # LoadStream

    def drain(self, host):
        yield self.within(0.1, 0.8)  # the notification of the hook
        yield from self.invocation()
        yield from self.store()  # AppendToStream: DrainRequested
        yield from self.ask()  # ListContainerInstances
        yield from self.ask()  # DescribeContainerInstances
        yield from self.store()
        yield from self.ask()  # UpdateContainerInstancesState
        host.draining = True
        self.staying -= len(host.tasks)
        self.wake_scheduler()
        yield from self.store()
        yield from self.ask()  # DescribeLifecycleHooks
        yield from self.ask()  # ListTasks
        yield from self.ask()  # DescribeTasks
        yield from self.store()
        left = len(host.tasks)
        while left > 0:
            yield host.inbox.get()
            yield from self.invocation()
            left -= 1
            while host.inbox.items:
                yield host.inbox.get()
                left -= 1
            yield from self.store()  # AppendToStream: TaskSeen
        yield from self.ask()  # ListTasks
        yield from self.store()
        yield from self.ask()  # CompleteLifecycleAction
        yield from self.store()
        self.killed += len(host.tasks)
        yield self.within(5, 15)  # the host shuts down

    # The update

    def boot(self, host):
        yield self.within(30, 50)
        yield self.within(20, 40)  # registration
        host.registered.succeed()

    def update(self):
        yield self.env.timeout(60)
        old = list(self.hosts)
        new = [Host(self.env, INSTANCES + number) for number in range(INSTANCES)]
        self.hosts.extend(new)
        for host in new:
            self.env.process(self.boot(host))
        yield self.env.all_of([host.registered for host in new])
        for first in range(0, INSTANCES, BATCH):
            batch = [self.env.process(self.drain(host)) for host in old[first : first + BATCH]]
            yield self.env.all_of(batch)
            yield self.within(1, 5)

    def run(self):
        self.env.run(self.env.process(self.update()))
        if self.killed or any(host.tasks for host in self.hosts[:INSTANCES]):
            raise AssertionError("a host went away with its tasks")
        return next(self.env._eid)  # Events scheduled so far: counting them costs nothing.


def updates(first_seed, count):
    return sum(Cluster(first_seed + each).run() for each in range(count))


def empty(waiting, occurrences):
    """Nothing but the event list: so many processes, each waiting for its next time-out."""
    env = simpy.Environment()

    def wait(number):
        while True:
            yield env.timeout(100 + number * 7919 % 1000)

    for number in range(waiting):
        env.process(wait(number))
    while next(env._eid) < occurrences:
        env.run(until=env.now + 10_000)
    return next(env._eid)


def main(what, *numbers):
    started = time.process_time()
    events = {"updates": updates, "empty": empty}[what](*map(int, numbers))
    print(json.dumps({"events": events, "seconds": time.process_time() - started, "simpy": simpy.__version__}))


main(*sys.argv[1:])
