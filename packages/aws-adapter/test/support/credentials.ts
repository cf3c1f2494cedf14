// The SDK signs whatever it sends. Nobody on loopback checks the signature.
process.env['AWS_ACCESS_KEY_ID'] = 'an-id'
process.env['AWS_SECRET_ACCESS_KEY'] = 'a-key'
