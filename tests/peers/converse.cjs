// Asks a model once for each line on standard input, with one client; prints what came of it.
//
// `profile` names a profile in code instead of leaving everything to the default chain; the line `later` is asked when two
// minutes have passed by the clock of this process. `LOCAL_AWS_PORT` is where all hosts are: the client knows no proxy.

const readline = require("node:readline");
const tls = require("node:tls");
const { Agent } = require("node:https");
const { BedrockRuntimeClient, ConverseCommand } = require("@aws-sdk/client-bedrock-runtime");
const { fromIni } = require("@aws-sdk/credential-providers");
const { NodeHttpHandler } = require("@smithy/node-http-handler");

const port = Number(process.env.LOCAL_AWS_PORT);
const profile = process.argv[2];

const httpsAgent = new Agent();
httpsAgent.createConnection = ({ servername, host }) =>
  tls.connect({ host: "127.0.0.1", port, servername: servername || host });

const client = new BedrockRuntimeClient({
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ httpsAgent }),
  ...(profile && { credentials: fromIni({ profile }) }),
});
const message = { role: "user", content: [{ text: "ping" }] };

const converse = async (line) => {
  if (line === "later") {
    const now = Date.now;
    Date.now = () => now() + 120_000;
  }
  try {
    const command = new ConverseCommand({ modelId: "local.model", messages: [message] });
    const { output } = await client.send(command);
    console.log("answered:", output.message.content[0].text);
  } catch (error) {
    console.log("failed:", String(error.message).replace(/\s+/g, " "));
  }
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) await converse(line);
})();
