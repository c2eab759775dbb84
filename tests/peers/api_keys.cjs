// Makes a Bedrock API key of each case on standard input, with AWS's generator; prints the keys.

const { readFileSync } = require("node:fs");
const { getToken } = require("@aws/bedrock-token-generator");

const make = (given) =>
  getToken({
    credentials: {
      accessKeyId: given.access_key_id,
      secretAccessKey: given.secret_access_key,
      sessionToken: given.session_token ?? undefined,
    },
    region: given.region,
    expiresInSeconds: given.lifetime_seconds,
  });

const cases = JSON.parse(readFileSync(0, "utf8"));
Promise.all(cases.map(make)).then((keys) => process.stdout.write(JSON.stringify(keys)));
