// The official Connect library for Node against the echo service of the gateway's tests, over each protocol and HTTP version that it has:
// run.sh connect.mjs GRPC_HOST:PORT HTTP_HOST:PORT. The contract comes from the server's own reflection.
// Prints one JSON document a check; exit status 1 when one failed.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createFileRegistry, create, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { compressionGzip, createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';

const { grpc, load, collect } = createRequire(import.meta.url)('./wire.js');
const [grpcAddress, httpAddress] = process.argv.slice(2);
if (!httpAddress) {
  console.error('usage: run.sh connect.mjs GRPC_HOST:PORT HTTP_HOST:PORT');
  process.exit(2);
}

async function reflect(symbol) {
  const { root } = load(['grpc/reflection/v1/reflection.proto']);
  const reflection = new root.grpc.reflection.v1.ServerReflection(grpcAddress, grpc.credentials.createInsecure());
  const call = reflection.ServerReflectionInfo({ deadline: Date.now() + 20_000 });
  call.write({ file_containing_symbol: symbol });
  call.end();
  const [answer] = await collect(call);
  reflection.close();
  const file = answer.file_descriptor_response.file_descriptor_proto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  return createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
}

async function* requests(...texts) {
  for (const text of texts) {
    yield { text };
  }
}

async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error('the call should have failed');
}

async function all(stream) {
  const messages = [];
  for await (const message of stream) {
    messages.push(message);
  }
  return messages;
}

const registry = await reflect('riskgrid.test.Echo');
const Echo = registry.getService('riskgrid.test.Echo');
const http1 = { baseUrl: `http://${httpAddress}`, httpVersion: '1.1' };
const http2 = { baseUrl: `http://${grpcAddress}`, httpVersion: '2' };
const gzip = { acceptCompression: [compressionGzip], sendCompression: compressionGzip, compressMinBytes: 1 };
const transports = {
  'Connect JSON over HTTP/1.1': createConnectTransport({ ...http1, useBinaryFormat: false }),
  'Connect binary over HTTP/1.1': createConnectTransport({ ...http1, useBinaryFormat: true }),
  'Connect JSON over HTTP/1.1 by GET': createConnectTransport({ ...http1, useBinaryFormat: false, useHttpGet: true }),
  'Connect binary over HTTP/1.1 by GET, gzip': createConnectTransport({ ...http1, ...gzip, useHttpGet: true }),
  'Connect JSON over HTTP/2': createConnectTransport({ ...http2, useBinaryFormat: false }),
  'Connect binary over HTTP/2, gzip': createConnectTransport({ ...http2, ...gzip }),
  'gRPC over HTTP/2': createGrpcTransport(http2),
  'gRPC over HTTP/2, gzip': createGrpcTransport({ ...http2, ...gzip }),
};

const checks = {
  async 'unary'(echo) {
    assert.equal((await echo.say({ text: 'grüß dich 你好 +/&?' })).text, 'grüß dich 你好 +/&?');
    assert.equal((await echo.say({})).value, 0.1);
  },
  async 'server stream'(echo) {
    const messages = await all(echo.repeat({ text: 'x', count: 500 }));
    assert.deepEqual(messages.map((message) => Number(message.number)), Array.from({ length: 500 }, (_, n) => n));
  },
  async 'client stream'(echo) {
    assert.equal((await echo.collect(requests('a', 'b', 'c'))).text, 'a+b+c');
  },
  async 'duplex'(echo, name) {
    const call = all(echo.chat(requests('a', 'b')));
    if (name.includes('HTTP/1.1')) {
      await failureOf(call);
      return;
    }
    assert.deepEqual((await call).map((message) => message.text), ['a', 'b']);
  },
  async 'metadata'(echo) {
    const seen = {};
    await echo.say({}, {
      headers: { 'x-desk': 'index', 'x-key-bin': 'AP8B' },
      onHeader: (headers) => { seen.key = headers.get('echo-x-key-bin'); },
      onTrailer: (trailers) => { seen.desk = trailers.get('echo-x-desk'); },
    });
    assert.deepEqual(seen, { key: 'AP8B', desk: 'index' });
  },
  async 'failure with its text'(echo) {
    const error = await failureOf(echo.fail({ failure: 'not_found' }));
    assert.equal(error.code, Code.NotFound);
    assert.equal(error.rawMessage, 'kein Geschäft „7“ – 100 % sicher');
  },
  async 'failure with details'(echo) {
    const error = await failureOf(echo.fail({ failure: 'validation' }));
    assert.equal(error.code, Code.InvalidArgument);
    assert.equal(error.details.length, 1);
    assert.equal(error.details[0].type ?? error.details[0].desc?.typeName, 'google.rpc.BadRequest');
  },
  async 'stream that fails after its messages'(echo) {
    const seen = [];
    const error = await failureOf((async () => {
      for await (const message of echo.repeat({ count: 2, failure: 'not_found' })) {
        seen.push(message);
      }
    })());
    assert.equal(error.code, Code.NotFound);
    assert.equal(seen.length, 2);
  },
  async 'deadline'(echo) {
    assert.equal((await failureOf(echo.hold({ text: 'd' }, { timeoutMs: 150 }))).code, Code.DeadlineExceeded);
  },
  async 'large message'(echo, name) {
    const size = name.includes('GET') ? 1000 : 5_000_000;
    assert.equal((await echo.say({ payload: new Uint8Array(size).fill(7) })).payload.length, size);
  },
};

let failed = 0;
for (const [name, transport] of Object.entries(transports)) {
  const echo = createClient(Echo, transport);
  for (const [check, run] of Object.entries(checks)) {
    try {
      await run(echo, name);
      console.log(JSON.stringify({ check: `${name}: ${check}`, ok: true }));
    } catch (error) {
      failed += 1;
      console.log(JSON.stringify({ check: `${name}: ${check}`, ok: false, error: String(error.stack ?? error) }));
    }
  }
}
process.exit(failed === 0 ? 0 : 1);
