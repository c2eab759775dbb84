// Leads all https of Node's own to `LOCAL_AWS_PORT`, whatever host is meant: for programs that know no proxy.

const tls = require("node:tls");
const { Agent } = require("node:https");

Agent.prototype.createConnection = ({ servername, host }) =>
  tls.connect({ host: "127.0.0.1", port: Number(process.env.LOCAL_AWS_PORT), servername: servername || host });
