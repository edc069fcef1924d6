"""Rewrites a cluster as another program would have written it: files and boot scripts of the same meaning and other bytes.

    other_wording.py ENDPOINT CLUSTER             manifests, configuration of nodes and boot scripts, with the hashes that follow
    other_wording.py ENDPOINT CLUSTER --file KEY  the bytes of one file alone, so that hashes no longer fit

Prints how many files and scripts it rewrote.
"""
import base64, hashlib, re, sys

import boto3
import yaml

ENDPOINT, CLUSTER, ONLY = sys.argv[1], sys.argv[2], sys.argv[4:5]
BUCKET = "state"


def client(name):
    return boto3.client(name, region_name="us-east-1", endpoint_url=ENDPOINT, aws_access_key_id="test", aws_secret_access_key="test")


s3, ec2 = client("s3"), client("ec2")


def read(key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def reworded(text):
    """The same objects, with sorted keys in another style."""
    return yaml.safe_dump_all(yaml.safe_load_all(text), sort_keys=True, indent=4, width=60, explicit_start=True)


def digest(text):
    return hashlib.sha256(text.encode())


def other_script(script):
    """A script with other names of functions."""
    for name in re.findall(r"^([a-z_]+)\(\) \{", script, re.M):
        script = script.replace(f"\n{name}() {{", f"\nother-{name}() {{")
    return script.replace("#!/bin/bash\n", "#!/bin/bash\n# Written by another program.\n", 1)


def rewrite():
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{CLUSTER}/")["Contents"]]
    manifests = [k for k in keys if re.search(r"/(addons/.*/.*|manifests/.*)\.yaml$", k)]
    channel = f"{CLUSTER}/addons/bootstrap-channel.yaml"
    configurations = [k for k in keys if k.endswith("/nodeupconfig.yaml")]
    hashes, new = {}, {}
    for key in manifests + configurations:
        text = read(key)
        new[key] = reworded(text)
        for write in (lambda d: d.hexdigest(), lambda d: base64.b64encode(d.digest()).decode()):
            hashes[write(digest(text))] = write(digest(new[key]))
    new[channel] = reworded(read(channel))
    for old, current in hashes.items():
        new[channel] = new[channel].replace(old, current)
    for key, text in new.items():
        s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    templates = ec2.describe_launch_templates()["LaunchTemplates"]
    for template in templates:
        by = {"LaunchTemplateId": template["LaunchTemplateId"]}
        data = ec2.describe_launch_template_versions(Versions=["$Latest"], **by)["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        script = other_script(base64.b64decode(data["UserData"]).decode())
        for old, current in hashes.items():
            script = script.replace(old, current)
        data["UserData"] = base64.b64encode(script.encode()).decode()
        version = ec2.create_launch_template_version(LaunchTemplateData=data, **by)["LaunchTemplateVersion"]["VersionNumber"]
        ec2.modify_launch_template(DefaultVersion=str(version), **by)
    return len(new) + len(templates)


if ONLY:
    s3.put_object(Bucket=BUCKET, Key=ONLY[0], Body=reworded(read(ONLY[0])).encode())
    print(1)
else:
    print(rewrite())
