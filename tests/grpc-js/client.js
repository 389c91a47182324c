'use strict';
// Books trades on a RiskGrid server, subscribes to the rollups of their book, waits until they cover the trades, and prices one trade.
// Prints one JSON document a line: {"event": "serving" | "hierarchy" | "subscribed" | "booked" | "rollup" | "settled" | "price" | "done" |
// "error", …}. Exit status 0, 1 (failed) or 2 (bad usage).
//
//   run.sh client.js --address 127.0.0.1:7001 --book BOOK --path /DESK/BOOK --trades 100 [--OPTION VALUE …]

const { parseArgs } = require('node:util');
const { grpc, load, unary, detailsOf } = require('./wire');

const options = {
  address: { type: 'string' }, // host:port of gRPC
  book: { type: 'string' }, // id of the book
  path: { type: 'string' }, // path whose rollups are asked for; usually the book's
  desk: { type: 'string' }, // when given, the book is created under the desk with this id
  trades: { type: 'string', default: '10' },
  batch: { type: 'string', default: '1000' }, // commands in one request
  prefix: { type: 'string', default: 'node' }, // of trade and command ids
  author: { type: 'string', default: 'grpc-js' },
  root: { type: 'string', default: 'SPXW' },
  underlying: { type: 'string', default: 'IDX.SP500' },
  'zero-curve': { type: 'string', default: 'USD' },
  currency: { type: 'string', default: 'USD' },
  'expiry-date': { type: 'string', default: '2026-02-20' },
  'expiry-time': { type: 'string', default: '16:00' },
  multiplier: { type: 'string', default: '100' },
  quantity: { type: 'string', default: '1' },
  'first-strike': { type: 'string', default: '6900' },
  'strike-step': { type: 'string', default: '0' }, // 0: all trades in the same contract
  type: { type: 'string', default: 'CALL' }, // CALL or PUT
  'timeout-ms': { type: 'string', default: '60000' }, // for everything
};

function print(event, fields) {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

function parse() {
  let values;
  try {
    ({ values } = parseArgs({ options }));
    for (const name of ['address', 'book', 'path']) {
      if (!values[name]) {
        throw new Error(`--${name} is missing`);
      }
    }
    for (const name of ['trades', 'batch', 'timeout-ms', 'multiplier', 'quantity', 'first-strike', 'strike-step']) {
      values[name] = Number(values[name]);
      if (!Number.isFinite(values[name])) {
        throw new Error(`--${name} is no number`);
      }
    }
  } catch (error) {
    print('error', { message: error.message });
    process.exit(2);
  }
  return values;
}

function commandOf(args, index) {
  const id = `${args.prefix}-${String(index).padStart(6, '0')}`;
  return {
    command_id: `${id}-book`,
    trade_id: id,
    book: {
      book: args.book,
      quantity: args.quantity,
      counterparty: 'NODE',
      instrument: {
        european_option: {
          root: args.root,
          underlying: args.underlying,
          zero_curve: args['zero-curve'],
          type: `OPTION_TYPE_${args.type}`,
          strike: args['first-strike'] + index * args['strike-step'],
          expiry_date: args['expiry-date'],
          expiry_time: args['expiry-time'],
          currency: args.currency,
          multiplier: args.multiplier,
        },
      },
    },
  };
}

// Sends the commands in batches; a retry uses the same command ids, so that nothing is booked twice.
async function bookAll(trades, args, deadline) {
  const outcomes = {};
  let firstRefusal;
  for (let start = 0; start < args.trades; start += args.batch) {
    let pending = Array.from({ length: Math.min(args.batch, args.trades - start) }, (_, row) => commandOf(args, start + row));
    while (pending.length > 0) {
      const { results } = await unary(trades, 'BookTrades', { commands: pending, author: args.author }, { deadline });
      const retry = new Set();
      for (const result of results) {
        if (result.outcome === 'OUTCOME_RETRY') {
          retry.add(result.command_id);
        } else {
          outcomes[result.outcome] = (outcomes[result.outcome] ?? 0) + 1;
          firstRefusal ??= result.outcome === 'OUTCOME_REFUSED' ? result : undefined;
        }
      }
      pending = pending.filter((command) => retry.has(command.command_id));
    }
  }
  return { applied: outcomes.OUTCOME_APPLIED ?? 0, refused: outcomes.OUTCOME_REFUSED ?? 0, first_refusal: firstRefusal };
}

// Resolves when a rollup of the path covers at least `trades` trades, none of them still unaccounted for.
function covered(stream, args) {
  return new Promise((resolve, reject) => {
    stream.on('data', (rollup) => {
      print('rollup', { rollup });
      const coverage = rollup.coverage ?? { trades: 0, priced: 0, failed: 0 };
      if (rollup.path === args.path && coverage.trades >= args.trades && coverage.priced + coverage.failed === coverage.trades) {
        resolve(rollup);
      }
    });
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('the subscription ended')));
  });
}

async function main() {
  const args = parse();
  const deadline = Date.now() + args['timeout-ms'];
  const { root } = load([
    'riskgrid/v1/trades.proto', 'riskgrid/v1/rollups.proto', 'riskgrid/v1/market.proto', 'grpc/health/v1/health.proto',
  ]);
  const credentials = grpc.credentials.createInsecure();
  const trades = new root.riskgrid.v1.TradeService(args.address, credentials);
  const rollups = new root.riskgrid.v1.RollupService(args.address, credentials);
  const health = new root.grpc.health.v1.Health(args.address, credentials);

  const { status } = await unary(health, 'Check', {}, { deadline });
  print('serving', { status });
  if (args.desk !== undefined) {
    const nodes = [{ id: args.book, kind: 'book', name: args.path.split('/').pop(), parent: args.desk }];
    const hierarchy = await unary(rollups, 'PutHierarchy', { nodes }, { deadline });
    print('hierarchy', { version: hierarchy.version, nodes: hierarchy.nodes.length });
  }

  const stream = rollups.SubscribeRollups({ path: args.path, depth: 0 }, { deadline });
  const seen = covered(stream, args);
  seen.catch(() => {});
  print('subscribed', { path: args.path });
  print('booked', await bookAll(trades, args, deadline));
  const last = await seen;
  stream.on('error', () => {});
  stream.cancel();

  const settled = await unary(rollups, 'GetRollup', { path: args.path, depth: 0, settled: true }, { deadline });
  print('settled', { rollups: settled.rollups, subscription_version: last.version });
  const price = await unary(trades, 'PriceTrade', { trade_id: commandOf(args, 0).trade_id, include_history: true }, { deadline });
  print('price', { price });
  print('done', {});
}

main().then(
  () => process.exit(0),
  (error) => {
    print('error', { code: error.code, message: error.details ?? error.message, ...detailsOf(error) });
    process.exit(1);
  },
);
