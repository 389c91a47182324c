'use strict';
// What both scripts share: the contracts, calls as promises, and rich errors.

const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const protos = path.join(__dirname, '..', '..', 'protos');

function load(files, includeDirs = []) {
  const definition = protoLoader.loadSync(files, {
    includeDirs: [protos, ...includeDirs],
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return { definition, root: grpc.loadPackageDefinition(definition) };
}

const { definition: richErrors } = load(['google/rpc/status.proto', 'google/rpc/error_details.proto']);

// The details of google.rpc.Status that came with a failed call: { field_violations, retry_delay }.
function detailsOf(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  const details = {};
  if (!bytes) {
    return details;
  }
  for (const any of richErrors['google.rpc.Status'].deserialize(bytes).details) {
    const name = any.type_url.split('/').pop();
    if (richErrors[name]) {
      Object.assign(details, richErrors[name].deserialize(any.value));
    }
  }
  return details;
}

// A unary call as a promise; options are those of grpc-js: { deadline }.
function unary(client, method, request, options = {}, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    client[method](request, metadata, options, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

function collect(stream) {
  return new Promise((resolve, reject) => {
    const messages = [];
    stream.on('data', (message) => messages.push(message));
    stream.on('end', () => resolve(messages));
    stream.on('error', (error) => reject(Object.assign(error, { messages })));
  });
}

module.exports = { grpc, load, unary, collect, detailsOf };
