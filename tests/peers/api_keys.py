"""Makes a Bedrock API key of each case on standard input, with AWS's generator; prints the keys."""

import json
import sys
from datetime import timedelta

from aws_bedrock_token_generator import provide_token
from botocore.credentials import Credentials


class Given:
    """Provides the credentials of a case."""

    def __init__(self, case):
        self.case = case

    def load(self):
        return Credentials(
            self.case["access_key_id"], self.case["secret_access_key"], self.case["session_token"]
        )


keys = [
    provide_token(case["region"], Given(case), timedelta(seconds=case["lifetime_seconds"]))
    for case in json.load(sys.stdin)
]
json.dump(keys, sys.stdout)
