"""Asks a model once for each line on standard input, with one client of boto3; prints what came of it."""

import sys

import boto3
from botocore.config import Config


def converse(client):
    message = {"role": "user", "content": [{"text": "ping"}]}
    answer = client.converse(modelId="local.model", messages=[message])
    return answer["output"]["message"]["content"][0]["text"]


client = None
for _ in sys.stdin:
    try:
        client = client or boto3.client(
            "bedrock-runtime", config=Config(retries={"total_max_attempts": 1})
        )
        print("answered:", converse(client), flush=True)
    except Exception as error:
        print("failed:", " ".join(str(error).split()), flush=True)
