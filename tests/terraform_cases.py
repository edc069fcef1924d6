#!/usr/bin/env python3
"""Lets Terraform judge what a binary writes for the cases of the conformance kit.

    terraform_cases.py KIT --bin target/debug/kopsform [CASE…]

Every output is checked for its format, validated, and applied to the kit's simulated AWS, where it must need nothing more afterwards.
Planned only is one that names policies or target groups of others, which are not in that world; one that makes subnets where that
world has its own; and one that gives a zone its VPC, which that world's zones do not keep. Needs what the kit needs, and Terraform with the AWS provider within reach.
"""
import argparse, json, os, re, shutil, socket, subprocess, sys, tempfile

# Seconds that one command of Terraform may take; none here comes near it.
LIMIT = 600

# Overrides for the provider blocks of the output: simulated services are at one address, buckets in the path.
PROVIDERS = """provider "aws" {{
  access_key        = "test"
  secret_key        = "test"
  s3_use_path_style = true
  max_retries       = 2
}}
{files}"""
FILES_PROVIDER = """provider "aws" {
  alias             = "files"
  access_key        = "test"
  secret_key        = "test"
  s3_use_path_style = true
  max_retries       = 2
}
"""


class Failed(Exception):
    pass


def terraform(folder, endpoint, *args, codes=(0,)):
    """Runs Terraform in a folder and gives what it said."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "S3_", "KOPS_"))}
    # Where judge() names the profiles that provider blocks ask for.
    env.update(AWS_CONFIG_FILE=os.path.join(folder, "simulated_profiles"))
    env.update(AWS_ENDPOINT_URL=endpoint, AWS_EC2_METADATA_DISABLED="true", CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    try:
        done = subprocess.run(["terraform", *args], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f"terraform {args[0]}: no end in {LIMIT} s") from None
    if done.returncode not in codes:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failed(f"terraform {args[0]}: " + " | ".join(said[:12]))
    return done.stdout


def pending(folder, endpoint):
    """What a second plan would still change."""
    terraform(folder, endpoint, "plan", "-input=false", "-no-color", "-out=again", "-detailed-exitcode", codes=(0, 2))
    plan = json.loads(terraform(folder, endpoint, "show", "-json", "again"))
    found = []
    for change in plan.get("resource_changes", []):
        actions, before, after = (change["change"][part] for part in ("actions", "before", "after"))
        if actions not in (["no-op"], ["read"]):
            keys = (before or {}).keys() | (after or {}).keys()
            changed = sorted(k for k in keys if (before or {}).get(k) != (after or {}).get(k))
            found.append(f"{change['address']}: {'/'.join(actions)} {', '.join(changed)}")
    return found


def judge(out, text, endpoint, applies):
    terraform(out, endpoint, "fmt", "-check", "-diff", "-recursive")
    files = FILES_PROVIDER if re.search(r'alias\s+= "files"', text) else ""
    with open(os.path.join(out, "simulated_override.tf"), "w") as f:
        f.write(PROVIDERS.format(files=files))
    with open(os.path.join(out, "simulated_profiles"), "w") as f:
        f.writelines(f"[profile {name}]\nregion = us-east-1\n" for name in set(re.findall(r'profile\s+= "([^"]+)"', text)))
    terraform(out, endpoint, "init", "-backend=false", "-input=false", "-no-color")
    terraform(out, endpoint, "validate", "-no-color")
    if not applies:
        terraform(out, endpoint, "plan", "-input=false", "-no-color", "-lock=false")
        return
    terraform(out, endpoint, "apply", "-auto-approve", "-input=false", "-no-color")
    found = pending(out, endpoint)
    if found:
        raise Failed("a second plan is not empty: " + " | ".join(found[:6]))


def free_ports():
    """Two ports that nobody listens at, for the simulated AWS and the assets."""
    with socket.socket() as one, socket.socket() as other:
        for s in (one, other):
            s.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kit", help="folder of the conformance kit")
    ap.add_argument("cases", nargs="*", help="names of cases; all when none is given")
    ap.add_argument("--bin", required=True, help="the program")
    ap.add_argument("--plan-only", action="store_true", help="apply nothing")
    a = ap.parse_intermixed_args()
    folder = os.path.join(a.kit, "cases")
    names = a.cases or sorted(n for n in os.listdir(folder) if os.path.exists(os.path.join(folder, n, "cluster.yaml")))
    if len(names) == 1:
        return one(a, names[0])
    # Each in a process of its own: nothing that Terraform made in the simulated AWS reaches the next.
    options = [a.kit, "--bin", a.bin] + ["--plan-only"] * a.plan_only
    failed = sum(subprocess.call([sys.executable, __file__, *options, name]) != 0 for name in names)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


def one(a, name):
    """Judges one case; says 1 when it fails."""
    sys.path.insert(0, os.path.abspath(a.kit))
    import harness, world
    import moto_patches  # noqa: F401

    endpoint, assets = world.start(*free_ports())
    case = harness.Case(os.path.join(a.kit, "cases", name))
    with tempfile.TemporaryDirectory() as work:
        place = os.path.join(work, name)
        error, _, _ = harness.run_case([os.path.abspath(a.bin)], case, place, endpoint, assets)
        try:
            if error:
                raise Failed(error)
            out = os.path.join(place, "out")
            with open(os.path.join(out, "kubernetes.tf"), encoding="utf-8") as f:
                text = f.read()
            others = names_of_others(text) + taken_networks(text, endpoint) + zones_of_vpcs(text)
            judge(out, text, endpoint, not a.plan_only and not others)
        except Failed as failure:
            print(f"     {name}: {failure}", flush=True)
            return 1
    print(f"ok   {name}{' (planned only: ' + ', '.join(others) + ')' if others else ''}", flush=True)
    return 0


def taken_networks(text, endpoint):
    """Networks of new subnets in an existing VPC that the world has given to subnets of its own."""
    import boto3

    vpcs = re.findall(r'data "aws_vpc" [^{]*{\s*id\s*= "([^"]+)"', text)
    if not vpcs:
        return []
    wanted = set(re.findall(r'resource "aws_subnet" [^{]*{[^}]*?cidr_block\s*= "([^"]+)"', text))
    ec2 = boto3.client("ec2", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test")
    there = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": vpcs}])["Subnets"]
    return sorted(wanted & {subnet["CidrBlock"] for subnet in there})


def zones_of_vpcs(text):
    """Associations of hosted zones with VPCs."""
    return [".".join(found) for found in re.findall(r'resource "(aws_route53_zone_association)" "([^"]+)"', text)]


def names_of_others(text):
    """Policies and target groups that an output names by ARN, but for those of AWS itself."""
    return sorted(set(re.findall(r'"(arn:[^"]*:\d+:(?:policy|targetgroup)/[^"]*)"', text)))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the servers' threads need no farewell
