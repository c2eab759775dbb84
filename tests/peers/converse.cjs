// Asks a model once for each line on standard input, with one client; prints what came of it.
//
// `profile` names a profile in code instead of leaving everything to the default chain; the line `later` is asked when two
// minutes have passed by the clock of this process.

require("./to_local_port.cjs");
const readline = require("node:readline");
const { BedrockRuntimeClient, ConverseCommand } = require("@aws-sdk/client-bedrock-runtime");
const { fromIni } = require("@aws-sdk/credential-providers");
const { NodeHttpHandler } = require("@smithy/node-http-handler");

const profile = process.argv[2];

const client = new BedrockRuntimeClient({
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler(),
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
