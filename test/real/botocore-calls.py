"""Makes calls of botocore: reads a list of steps as JSON, prints a list of results as JSON."""

import json
import sys

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, steps = sys.argv[1], json.loads(sys.argv[2])
session = botocore.session.get_session()
options = {
    "endpoint_url": endpoint,
    "region_name": "us-west-2",
    "config": Config(retries={"max_attempts": 0}),
}
clients = {name: session.create_client(name, **options) for name in ("elb", "elbv2")}
results = []
for step in steps:
    client = clients[step["client"]]
    try:
        if "waiter" in step:
            pace = {"Delay": 0, "MaxAttempts": 40}
            waiter = client.get_waiter(step["waiter"])
            waiter.wait(WaiterConfig=pace, **step["parameters"])
            results.append("done")
        else:
            result = getattr(client, step["call"])(**step["parameters"])
            del result["ResponseMetadata"]
            results.append(result)
    except ClientError as error:
        kind = type(error).__name__
        results.append([kind, error.response["Error"]["Code"], error.response["Error"]["Message"]])
print(json.dumps(results))
