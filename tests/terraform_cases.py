#!/usr/bin/env python3
"""Runs Terraform on what a binary writes for the cases of the conformance suite.

    terraform_cases.py SUITE --bin target/debug/kopsform [CASE…]

Checks the format of every output, validates it and applies it to the simulated AWS of the suite; a second plan must then be empty.
Output that the simulated AWS cannot apply is planned only: if it refers to existing policies or target groups, creates subnets whose
CIDR blocks are in use there, or associates a hosted zone with a VPC. Requires what the suite requires, and Terraform with access to
the AWS provider.
"""
import argparse, fcntl, json, os, re, shutil, socket, struct, subprocess, sys, tempfile

# Timeout of a Terraform command in seconds; far more than any of them takes.
LIMIT = 600

# Overrides the provider blocks of the output. All simulated services share one address, so buckets are addressed by path.
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


def terraform(directory, endpoint, *args, codes=(0,)):
    """Runs Terraform in a directory and returns its standard output."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "S3_", "KOPS_"))}
    # check() writes the profiles that provider blocks refer to into this file.
    env.update(AWS_CONFIG_FILE=os.path.join(directory, "simulated_profiles"))
    env.update(AWS_ENDPOINT_URL=endpoint, AWS_EC2_METADATA_DISABLED="true", CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    try:
        done = subprocess.run(["terraform", *args], cwd=directory, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise Failed(f"terraform {args[0]}: timed out after {LIMIT} s") from None
    if done.returncode not in codes:
        output = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise Failed(f"terraform {args[0]}: " + " | ".join(output[:12]))
    return done.stdout


def pending(directory, endpoint):
    """The changes in a second plan."""
    terraform(directory, endpoint, "plan", "-input=false", "-no-color", "-out=again", "-detailed-exitcode", codes=(0, 2))
    plan = json.loads(terraform(directory, endpoint, "show", "-json", "again"))
    found = []
    for change in plan.get("resource_changes", []):
        actions, before, after = (change["change"][part] for part in ("actions", "before", "after"))
        if actions not in (["no-op"], ["read"]):
            keys = (before or {}).keys() | (after or {}).keys()
            changed = sorted(k for k in keys if (before or {}).get(k) != (after or {}).get(k))
            found.append(f"{change['address']}: {'/'.join(actions)} {', '.join(changed)}")
    return found


def check(out, config, endpoint, apply):
    """Checks a directory with Terraform output; `config` is the content of its kubernetes.tf."""
    terraform(out, endpoint, "fmt", "-check", "-diff", "-recursive")
    prepare(out, config, endpoint)
    terraform(out, endpoint, "validate", "-no-color")
    if not apply:
        terraform(out, endpoint, "plan", "-input=false", "-no-color", "-lock=false")
        return
    terraform(out, endpoint, "apply", "-auto-approve", "-input=false", "-no-color")
    found = pending(out, endpoint)
    if found:
        raise Failed("a second plan is not empty: " + " | ".join(found[:6]))


def prepare(out, config, endpoint):
    """Lets Terraform in a directory use the simulated AWS."""
    files = FILES_PROVIDER if re.search(r'alias\s+= "files"', config) else ""
    with open(os.path.join(out, "simulated_override.tf"), "w") as f:
        f.write(PROVIDERS.format(files=files))
    with open(os.path.join(out, "simulated_profiles"), "w") as f:
        f.writelines(f"[profile {name}]\nregion = us-east-1\n" for name in set(re.findall(r'profile\s+= "([^"]+)"', config)))
    terraform(out, endpoint, "init", "-backend=false", "-input=false", "-no-color")


def applied(directory, config, endpoint):
    """Applies a directory that a program wrote; `config` is the content of its kubernetes.tf."""
    prepare(directory, config, endpoint)
    terraform(directory, endpoint, "apply", "-auto-approve", "-input=false", "-no-color")


def adopt(binary, case, work, harness, endpoint, assets):
    """Applies what kops wrote for a case, updates the same directory with the binary, and returns the changes in the plan."""
    out, home = os.path.join(work, "out"), os.path.join(work, "home")
    os.makedirs(home)
    shutil.copytree(case.expected, out, ignore=shutil.ignore_patterns("store"))
    with open(os.path.join(out, "kubernetes.tf"), encoding="utf-8") as f:
        config = f.read()
    aws = harness.Aws(endpoint, assets)
    aws.begin()
    env = aws.environment(home)
    for name, value in case.meta.get("env", {}).items():
        env.pop(name, None) if value is None else env.update({name: value.replace("{case}", case.path)})
    harness.preload(aws.put, case.cluster)
    for args in harness.steps(case, out):
        if args[0] == "update":
            applied(out, config, endpoint)
            args.append("--keep-equivalent")
        done = subprocess.run([binary, *args], env=env, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
        if done.returncode != 0:
            raise Failed(f"{args[0]} {args[1]}: " + " | ".join(done.stderr.strip().splitlines()[-6:]))
    plan = terraform(out, endpoint, "plan", "-input=false", "-no-color", "-detailed-exitcode", codes=(0, 2))
    if "No changes." not in plan:
        raise Failed("the plan has changes: " + " | ".join(pending(out, endpoint)[:6] or plan.splitlines()[-12:]))


def alone():
    """Runs this program again in a network of its own, where the ports are free that the addresses in kops' output have."""
    os.execvp("unshare", ["unshare", "-rn", sys.executable, __file__, *sys.argv[1:], "--alone"])


def start_loopback():
    """Brings up the loopback interface of a new network."""
    flags = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, 0x8914, flags)  # SIOCSIFFLAGS


def free_ports():
    """Two unused ports, for the simulated AWS and the assets."""
    with socket.socket() as one, socket.socket() as other:
        for s in (one, other):
            s.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("suite", help="directory of the conformance suite")
    ap.add_argument("cases", nargs="*", help="names of cases (default: all)")
    ap.add_argument("--bin", required=True, help="the kopsform binary")
    ap.add_argument("--plan-only", action="store_true", help="plan, but do not apply")
    ap.add_argument("--adopt", action="store_true",
                    help="apply what kops wrote, update it with --keep-equivalent, and check that Terraform plans no changes")
    ap.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    a = ap.parse_intermixed_args()
    cases = os.path.join(a.suite, "cases")
    names = a.cases or sorted(n for n in os.listdir(cases) if os.path.exists(os.path.join(cases, n, "cluster.yaml")))
    if len(names) == 1:
        return one(a, names[0])
    # Each case in a separate process, so that it starts with a new simulated AWS.
    options = [a.suite, "--bin", a.bin] + ["--plan-only"] * a.plan_only + ["--adopt"] * a.adopt
    failed = sum(subprocess.call([sys.executable, __file__, *options, name]) != 0 for name in names)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


def one(a, name):
    """Checks one case. Returns 1 if it fails, else 0."""
    if a.adopt and not a.alone:
        alone()
    if a.alone:
        start_loopback()
    sys.path.insert(0, os.path.abspath(a.suite))
    import harness, world
    import moto_patches  # noqa: F401

    endpoint, assets = world.start(*((5000, 5001) if a.adopt else free_ports()))
    case = harness.Case(os.path.join(a.suite, "cases", name))
    with tempfile.TemporaryDirectory() as work:
        results = os.path.join(work, name)
        if a.adopt:
            try:
                adopt(os.path.abspath(a.bin), case, results, harness, endpoint, assets)
            except Failed as failure:
                print(f"     {name}: {failure}", flush=True)
                return 1
            print(f"ok   {name}", flush=True)
            return 0
        error, _, _ = harness.run_case([os.path.abspath(a.bin)], case, results, endpoint, assets)
        try:
            if error:
                raise Failed(error)
            out = os.path.join(results, "out")
            with open(os.path.join(out, "kubernetes.tf"), encoding="utf-8") as f:
                config = f.read()
            obstacles = external_arns(config) + used_cidrs(config, endpoint) + zone_associations(config)
            check(out, config, endpoint, not a.plan_only and not obstacles)
        except Failed as failure:
            print(f"     {name}: {failure}", flush=True)
            return 1
    print(f"ok   {name}{' (planned only: ' + ', '.join(obstacles) + ')' if obstacles else ''}", flush=True)
    return 0


def used_cidrs(config, endpoint):
    """CIDR blocks of new subnets in an existing VPC that existing subnets of the simulated AWS use."""
    import boto3

    vpcs = re.findall(r'data "aws_vpc" [^{]*{\s*id\s*= "([^"]+)"', config)
    if not vpcs:
        return []
    wanted = set(re.findall(r'resource "aws_subnet" [^{]*{[^}]*?cidr_block\s*= "([^"]+)"', config))
    ec2 = boto3.client("ec2", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test")
    existing = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": vpcs}])["Subnets"]
    return sorted(wanted & {subnet["CidrBlock"] for subnet in existing})


def zone_associations(config):
    """Associations of hosted zones with VPCs, which the hosted zones of the simulated AWS do not store."""
    return [".".join(found) for found in re.findall(r'resource "(aws_route53_zone_association)" "([^"]+)"', config)]


def external_arns(config):
    """ARNs of existing policies and target groups in the output, except those of AWS itself."""
    return sorted(set(re.findall(r'"(arn:[^"]*:\d+:(?:policy|targetgroup)/[^"]*)"', config)))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # do not wait for the threads of the servers
