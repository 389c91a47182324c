'use strict';
// The official gRPC library for Node against the echo service of the gateway's tests: run.sh interop.js HOST:PORT
// Prints one JSON document a check; exit status 1 when one failed.

const assert = require('node:assert/strict');
const path = require('node:path');
const { grpc, load, unary, collect, detailsOf } = require('./wire');

const address = process.argv[2];
if (!address) {
  console.error('usage: run.sh interop.js HOST:PORT');
  process.exit(2);
}

const echoProtos = path.join(__dirname, '..', 'RiskGrid.Gateway.Tests', 'Protos');
const { root } = load(
  ['echo.proto', 'grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto', 'grpc/reflection/v1alpha/reflection.proto'],
  [echoProtos],
);
const Echo = root.riskgrid.test.Echo;
const insecure = grpc.credentials.createInsecure();
const large = { 'grpc.max_receive_message_length': 64 * 1024 * 1024 };
const echo = new Echo(address, insecure, large);
const soon = () => ({ deadline: Date.now() + 20_000 });

async function failureOf(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the call should have failed');
}

const checks = {
  async 'unary'() {
    const response = await unary(echo, 'Say', { text: 'grüß dich 你好' }, soon());
    assert.equal(response.text, 'grüß dich 你好');
    assert.equal(response.value, 0.1);
  },
  async 'server stream of 5,000 messages'() {
    const messages = await collect(echo.Repeat({ text: 'x', count: 5000 }, soon()));
    assert.deepEqual(messages.map((message) => message.number), Array.from({ length: 5000 }, (_, n) => String(n)));
  },
  async 'server stream to a reader that pauses'() {
    const stream = echo.Repeat({ count: 2000, payload: Buffer.alloc(4096) }, soon());
    let seen = 0;
    for await (const message of stream) {
      assert.equal(message.number, String(seen++));
      if (seen % 500 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    assert.equal(seen, 2000);
  },
  async 'client stream'() {
    const response = await new Promise((resolve, reject) => {
      const call = echo.Collect(soon(), (error, value) => (error ? reject(error) : resolve(value)));
      for (const text of ['a', 'b', 'c']) {
        call.write({ text });
      }
      call.end();
    });
    assert.deepEqual([response.text, response.number], ['a+b+c', '3']);
  },
  async 'client stream refused midway'() {
    const error = await failureOf(new Promise((resolve, reject) => {
      const call = echo.Collect(soon(), (failure, value) => (failure ? reject(failure) : resolve(value)));
      call.on('error', () => {});
      call.write({ failure: 'not_found' });
      call.write({ text: 'more' });
    }));
    assert.equal(error.code, grpc.status.NOT_FOUND);
  },
  async 'duplex, one message at a time'() {
    const call = echo.Chat(soon());
    let turn = 0;
    call.write({ text: '0' });
    for await (const message of call) {
      assert.equal(message.text, String(turn++));
      if (turn < 20) {
        call.write({ text: String(turn) });
      } else {
        call.end();
      }
    }
    assert.equal(turn, 20);
  },
  async '200 calls at once'() {
    // Above the server's limit for one connection some are refused with a time to wait; none may be lost.
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => unary(echo, 'Say', { text: String(n) }, soon())
      .catch((error) => (error.code === grpc.status.RESOURCE_EXHAUSTED ? { text: String(n) } : Promise.reject(error)))));
    assert.deepEqual(answers.map((answer) => answer.text), Array.from({ length: 200 }, (_, n) => String(n)));
  },
  async 'message of 15 MiB both ways'() {
    const payload = Buffer.alloc(15 * 1024 * 1024, 7);
    assert.ok((await unary(echo, 'Say', { payload }, soon())).payload.equals(payload));
  },
  async 'message above the limit'() {
    const error = await failureOf(unary(echo, 'Say', { payload: Buffer.alloc(17 * 1024 * 1024) }, soon()));
    assert.equal(error.code, grpc.status.RESOURCE_EXHAUSTED);
  },
  async 'gzip both ways'() {
    const zipped = new Echo(address, insecure, { ...large, 'grpc.default_compression_algorithm': 2 });
    const payload = Buffer.alloc(1024 * 1024, 'abc');
    assert.ok((await unary(zipped, 'Say', { payload }, soon())).payload.equals(payload));
    assert.equal((await collect(zipped.Repeat({ count: 3, payload }, soon()))).length, 3);
    zipped.close();
  },
  async 'metadata in text and bytes'() {
    const metadata = new grpc.Metadata();
    metadata.set('x-desk', 'index');
    metadata.set('x-key-bin', Buffer.from([0, 255, 1]));
    let headers;
    let status;
    await new Promise((resolve, reject) => {
      const call = echo.Say({}, metadata, soon(), (error) => error && reject(error));
      call.on('metadata', (received) => { headers = received; });
      call.on('status', (received) => { status = received; resolve(); });
    });
    assert.deepEqual(headers.get('echo-x-key-bin'), [Buffer.from([0, 255, 1])]);
    assert.deepEqual(status.metadata.get('echo-x-desk'), ['index']);
  },
  async 'status and text in any script'() {
    const error = await failureOf(unary(echo, 'Fail', { failure: 'not_found' }, soon()));
    assert.equal(error.code, grpc.status.NOT_FOUND);
    assert.equal(error.details, 'kein Geschäft „7“ – 100 % sicher');
  },
  async 'field violations'() {
    const error = await failureOf(unary(echo, 'Fail', { failure: 'validation' }, soon()));
    assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
    assert.deepEqual(detailsOf(error).field_violations, [{ field: 'strike', description: 'must be above zero' }]);
  },
  async 'time to wait'() {
    const error = await failureOf(unary(echo, 'Fail', { failure: 'retry_later' }, soon()));
    assert.equal(error.code, grpc.status.UNAVAILABLE);
    assert.equal(detailsOf(error).retry_delay.nanos, 30_000_000);
  },
  async 'unexpected failure tells nothing'() {
    const error = await failureOf(unary(echo, 'Fail', { failure: 'crash' }, soon()));
    assert.equal(error.code, grpc.status.INTERNAL);
    assert.doesNotMatch(error.details, /secret/);
  },
  async 'stream that fails after its messages'() {
    const error = await failureOf(collect(echo.Repeat({ count: 2, failure: 'not_found' }, soon())));
    assert.equal(error.code, grpc.status.NOT_FOUND);
    assert.equal(error.messages.length, 2);
  },
  async 'deadline'() {
    const error = await failureOf(unary(echo, 'Hold', { text: 'deadline' }, { deadline: Date.now() + 200 }));
    assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  },
  async 'cancel'() {
    const stream = echo.Repeat({ count: 1, failure: 'hold' }, soon());
    const error = await failureOf(new Promise((resolve, reject) => {
      stream.on('data', () => stream.cancel());
      stream.on('error', reject);
    }));
    assert.equal(error.code, grpc.status.CANCELLED);
  },
  async 'unknown method'() {
    const Other = grpc.makeGenericClientConstructor({
      Sing: { ...Echo.service.Say, path: '/riskgrid.test.Echo/Sing' },
    }, 'Other');
    const other = new Other(address, insecure);
    assert.equal((await failureOf(unary(other, 'Sing', {}, soon()))).code, grpc.status.UNIMPLEMENTED);
    other.close();
  },
  async 'health'() {
    const health = new root.grpc.health.v1.Health(address, insecure);
    assert.equal((await unary(health, 'Check', {}, soon())).status, 'SERVING');
    assert.equal((await unary(health, 'Check', { service: 'riskgrid.test.Echo' }, soon())).status, 'SERVING');
    assert.equal((await failureOf(unary(health, 'Check', { service: 'none' }, soon()))).code, grpc.status.NOT_FOUND);
    const watch = health.Watch({}, soon());
    watch.on('error', () => {});
    const first = await new Promise((resolve) => { watch.once('data', resolve); });
    assert.equal(first.status, 'SERVING');
    watch.cancel();
    health.close();
  },
  async 'reflection in both versions'() {
    for (const version of ['v1', 'v1alpha']) {
      const reflection = new root.grpc.reflection[version].ServerReflection(address, insecure);
      const call = reflection.ServerReflectionInfo(soon());
      call.write({ list_services: '*' });
      call.write({ file_containing_symbol: 'riskgrid.test.Echo' });
      call.end();
      const [list, file] = await collect(call);
      assert.ok(list.list_services_response.service.some((service) => service.name === 'riskgrid.test.Echo'), version);
      assert.equal(file.file_descriptor_response.file_descriptor_proto.length, 1);
      reflection.close();
    }
  },
};

async function main() {
  let failed = 0;
  for (const [check, run] of Object.entries(checks)) {
    try {
      await run();
      console.log(JSON.stringify({ check, ok: true }));
    } catch (error) {
      failed += 1;
      console.log(JSON.stringify({ check, ok: false, error: String(error.stack ?? error) }));
    }
  }
  process.exit(failed === 0 ? 0 : 1);
}

main();
