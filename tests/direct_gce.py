#!/usr/bin/env python3
"""Runs target direct in the simulated Google Cloud of the conformance suite, and compares it with kops.

    direct_gce.py SUITE --bin target/debug/kopsform [CASE…]                preview, apply, and both again
    direct_gce.py SUITE --bin target/debug/kopsform --kops KOPS [CASE…]    also: one applies and the other previews, both ways, and what
                                                                          both made is compared
    --page-size N, --slow-operations N                                    lists in pages, operations that take N looks
    --interrupt N                                                         kill the first apply at N of its requests, and run it again
    --delete N                                                            delete the cluster, also killed at N of the requests and run
                                                                          again: then everything is as before it was stored

It needs what the suite needs, and the ports 5010 to 5012. kops looks up the name servers of public zones: without network access it
must be built without that check, or DNS_IGNORE_NS_CHECK must be set, which is the case here. Whether a preview writes is decided by the
requests that arrive. What differs each time is left out of comparisons: ids, fingerprints, the time in names of templates, and names
of instances. Addresses are derived from names, so that both programs get the same. Boot scripts and some manifests of kopsform are not
those of kops word for word, so each program shows templates, their groups and those manifests as changes of the other. They are compared
by meaning, by the rules of the suite, and listed as "by wording".
"""
import argparse, copy, hashlib, ipaddress, json, os, re, shutil, signal, subprocess, sys, tempfile

DEFAULT_CASES = ["gce-minimal", "gce-ha", "gce-dns-none", "gce-ip-alias", "gce-bastion"]
# Methods that only read, although they are sent with POST.
READS = re.compile(r"^(GET |POST \S*:getIamPolicy\S* )")
HIDDEN = {"id", "creationTimestamp", "fingerprint", "labelFingerprint", "etag", "uniqueId", "oauth2ClientId", "_manager", "_template"}
TEMPLATE = re.compile(r"(instanceTemplates/[a-z0-9-]+|^[a-z0-9-]+)-1\d{9}\b")
# Tasks that differ where only the wording of a boot script or manifest does.
WORDING = re.compile(r"^\w+ (InstanceTemplate|InstanceGroupManager|AddonManifest|BootstrapChannel)/")
# Files whose content is made from random numbers, and what kopsform keeps for itself.
RANDOM = re.compile(r"/pki/|/secrets/|\.kopsform/|kops-version\.txt$")


def address(world, body):
    """An address that depends on the name alone."""
    number = int(hashlib.sha256(str(body.get("name", body["id"])).encode()).hexdigest(), 16)
    found = re.search(r"(projects/.*)", body.get("subnetwork") or "")
    if found and found.group(1) in world.things:
        net = ipaddress.ip_network(world.things[found.group(1)]["ipCidrRange"])
        return str(net[2 + number % max(1, net.num_addresses - 4)])
    return f"203.0.113.{number % 254 + 1}"


def plain(value):
    """A value without what differs each time; lists in any order."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k not in HIDDEN and v not in ([], None)}
    if isinstance(value, list):
        return sorted((plain(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return TEMPLATE.sub(r"\1-TIME", value) if isinstance(value, str) else value


def contents(world):
    """Everything that there is, by name."""
    out = {}
    for path, thing in world.things.items():
        if "/operations/" in path or "/instances/" in path:
            continue
        out["compute/" + TEMPLATE.sub(r"\1-TIME", path)] = plain(thing)
    for path, account in world.accounts.items():
        out["account/" + path] = plain(account)
    for project, policy in world.policies.items():
        out["policy/" + project] = plain(policy.get("bindings", []))
    for project, zones in world.zones.items():
        for name, zone in zones.items():
            out[f"dns/{project}/{name}"] = plain(zone["records"])
    for name, bucket in world.buckets.items():
        out["bucket-policy/" + name] = plain(bucket["policy"].get("bindings", []))
        for key, (meta, data) in bucket["objects"].items():
            if not RANDOM.search(key):
                out[f"object/{name}/{key}"] = {"content": data.decode(errors="replace"), "acl": plain(meta.get("acl", []))}
    return out


class Log(list):
    """The requests; kills a process once so many were carried out, before the last one is answered."""
    kill = None

    def append(self, request):
        super().append(request)
        if self.kill and len(self) >= self.kill[1]:
            os.kill(self.kill[0], signal.SIGKILL)
            self.kill = None


# Numbers go on: the same generation of an object never has another content.
PARTS = ("things", "buckets", "accounts", "account_policies", "policies", "zones", "uploads")


def saved(world):
    return copy.deepcopy({part: getattr(world, part) for part in PARTS})


def restore(world, state):
    for part, value in copy.deepcopy(state).items():
        setattr(world, part, value)


def everything(world):
    """The contents, with all keys of buckets and all instances."""
    out = contents(world)
    out.update({f"key/{name}/{key}": True for name, bucket in world.buckets.items() for key in bucket["objects"]})
    out.update({f"compute/{path}": True for path in world.things if "/instances/" in path})
    return out


def same_meaning(suite, key, one, two):
    """Whether two values of a content mean the same: manifests, the list of addons with their hashes, and boot scripts."""
    if key.startswith("object/"):
        text = [re.sub(r"manifestHash: \w+", "", v["content"]) for v in (one, two)]
        return one["acl"] == two["acl"] and suite.compare_text(*text) is None
    if "/instanceTemplates/" in key:
        scripts, rest = [], []
        for value in (one, two):
            value = json.loads(json.dumps(value))
            items = {i["key"]: i["value"] for i in value["properties"]["metadata"]["items"]}
            scripts.append(items.pop("user-data", items.pop("startup-script", "")))
            value["properties"]["metadata"]["items"] = items
            rest.append(value)
        return rest[0] == rest[1] and suite.compare_boot(*scripts, {}, {}) is None
    return False


def differences(one, two, suite=None):
    """What differs between two contents: one line for each."""
    for key in sorted(one.keys() | two.keys()):
        a, b = one.get(key), two.get(key)
        if a == b or suite and a and b and same_meaning(suite, key, a, b):
            continue
        if a is None or b is None:
            yield f"{key}: only {'there' if a is not None else 'here'}"
        elif isinstance(a, dict) and isinstance(b, dict):
            yield f"{key}: " + "; ".join(f"{k}: {str(a.get(k))[:160]} / {str(b.get(k))[:160]}" for k in sorted(a.keys() | b.keys()) if a.get(k) != b.get(k))
        else:
            yield f"{key}: {str(a)[:200]} / {str(b)[:200]}"


def tasks(preview):
    """The tasks that a preview names, with its sections."""
    section, found = None, []
    for line in preview.splitlines():
        if line and not line[0].isspace():
            section = line.split()[1] if line.rstrip().endswith(":") and len(line.split()) > 1 else None
        elif section and re.match(r"^  \S", line):
            found.append(f"{section} {' '.join(line.split())}")
    return found


class Run:
    """One cluster in a simulated cloud that was reset."""

    def __init__(self, suite, harness, case, work):
        self.suite, self.harness, self.case, self.work = suite, harness, case, work
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(os.path.join(work, "home"))
        suite.begin(case.meta.get("world", ()))
        self.world = suite.run.world
        self.world.log = Log(self.world.log)
        self.before = everything(self.world)
        self.env = suite.environment(os.path.join(work, "home"))
        for k, v in case.meta.get("env", {}).items():
            self.env.pop(k, None) if v is None else self.env.update({k: v.replace("{case}", case.path)})
        bucket, _, base = self.env["KOPS_STATE_STORE"].removeprefix("gs://").partition("/")
        harness.preload(lambda k, b: suite.put((base + "/" if base else "") + k, b, bucket), case.cluster)

    def call(self, binary, *args, kill_at=None, timeout=240):
        """Exit code, output and requests of a command; it is killed at a request where one is given."""
        before = len(self.world.log)
        with open(os.path.join(self.work, "log"), "a+") as log:
            log.write(f"$ {binary} {' '.join(args)}\n")
            log.flush()
            process = subprocess.Popen([binary, *args], env=self.env, cwd=self.work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
            if kill_at is not None:
                self.world.log.kill = (process.pid, before + kill_at)
            try:
                out, _ = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                out, _ = process.communicate()
                return f"no end in {timeout} s", out.decode(), self.world.log[before:]
            self.world.log.kill = None
            log.write(out.decode(errors="replace"))
        return process.returncode, out.decode(errors="replace"), self.world.log[before:]

    def prepare(self, binary):
        for step in self.harness.steps(self.case, "out"):
            if step[0] != "update":
                code, _, _ = self.call(binary, *step)
                if code != 0:
                    return f"{' '.join(step[:2])}: exit {code}: {self.tail()}"
        return None

    def update(self, binary, *args, **how):
        return self.call(binary, "update", "cluster", "--name", self.case.cluster, "--target", "direct", *self.case.meta.get("update_args", []), *args, **how)

    def delete(self, binary, **how):
        return self.call(binary, "delete", "cluster", self.case.cluster, "--yes", "--interval", "50ms", **how)

    def is_stored(self):
        marks = (f"/{self.case.cluster}/", f"{self.case.cluster}/")
        return any(key.startswith(marks[1]) or marks[0] in key for bucket in self.world.buckets.values() for key in bucket["objects"])

    def tail(self):
        lines = open(os.path.join(self.work, "log"), errors="replace").read().strip().splitlines()
        return " | ".join(lines[-4:])[:800]


def writes(requests):
    return [r for r in requests if not READS.match(r)]


def alone(make, binary):
    """Preview, apply, and both again. Yields what is wrong."""
    run = make("alone")
    if error := run.prepare(binary):
        yield error
        return
    code, _, asked = run.update(binary)
    if code != 0 or writes(asked):
        yield f"preview: exit {code}, writes {writes(asked)[:3]}: {run.tail()}"
    code, _, asked = run.update(binary, "--yes")
    print(f"    apply: exit {code}, {len(asked)} requests, {len(writes(asked))} of them write")
    if code != 0:
        yield f"apply: exit {code}: {run.tail()}"
        return
    code, out, asked = run.update(binary)
    if code != 0 or writes(asked) or tasks(out):
        yield f"second preview: exit {code}, {len(writes(asked))} writes, shows {tasks(out)[:6]}"
    code, _, asked = run.update(binary, "--yes")
    if code != 0 or writes(asked):
        yield f"second apply: exit {code}, writes {writes(asked)[:4]}"


def interrupted(make, binary, points):
    """Killed at some requests and run again: everything is as without that."""
    run = make("whole")
    run.prepare(binary)
    _, _, asked = run.update(binary, "--yes")
    wanted, total = contents(run.world), len(asked)
    for n in range(points):
        at = max(1, total * (2 * n + 1) // (2 * points))
        run = make(f"killed-{at}")
        run.prepare(binary)
        run.update(binary, "--yes", kill_at=at)
        code, _, _ = run.update(binary, "--yes")
        wrong = list(differences(wanted, contents(run.world)))
        if code != 0 or wrong:
            yield f"killed at {at} of {total}: exit {code}: {wrong[:4] or run.tail()}"


def deleted(make, binary, points):
    """Deleted, killed at some requests and run again: everything is as it was before the cluster was stored."""
    run = make("deleted")
    if error := run.prepare(binary):
        yield error
        return
    code, _, _ = run.update(binary, "--yes")
    created = saved(run.world)
    if code != 0:
        yield f"apply: exit {code}: {run.tail()}"
    code, out, asked = run.delete(binary)
    wrong, total = list(differences(run.before, everything(run.world))), len(asked)
    print(f"    delete: exit {code}, {total} requests, {out.count('will retry')} attempts that failed", flush=True)
    if code != 0 or wrong:
        yield f"delete: exit {code}: {wrong[:4] or run.tail()}"
    kills = 0
    for at in sorted({max(1, total * (2 * n + 1) // (2 * points)) for n in range(min(points, total))}):
        restore(run.world, created)
        code, _, _ = run.delete(binary, kill_at=at)
        kills += code != 0
        if run.is_stored():
            code, _, _ = run.delete(binary)
        wrong = list(differences(run.before, everything(run.world)))
        if code > 0 or wrong:
            yield f"killed at {at} of {total}: exit {code}: {wrong[:4] or run.tail()}"
    print(f"    delete: killed {kills} times")


def crossed(make, first, second, label):
    """One applies, the other previews."""
    run = make(label)
    if error := run.prepare(first):
        yield f"{label}: {error}"
        return
    code, _, _ = run.update(first, "--yes")
    if code != 0:
        yield f"{label}: apply: exit {code}: {run.tail()}"
        return
    made = contents(run.world)
    _, own, _ = run.update(first)
    code, out, asked = run.update(second)
    shown = [t for t in tasks(out) if t not in tasks(own)]
    extra = [t for t in shown if not WORDING.match(t)]
    print(f"    {label}: the preview shows {len(shown)} changes, {len(shown) - len(extra)} of them by wording")
    if code != 0 or extra or writes(asked):
        yield f"{label}: preview: exit {code}, writes {writes(asked)[:3]}, shows {len(extra)}: {extra[:12]}"
    yield made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite")
    parser.add_argument("names", nargs="*", metavar="CASE", default=DEFAULT_CASES)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--kops")
    parser.add_argument("--page-size", type=int, default=500)
    parser.add_argument("--slow-operations", type=int, default=0)
    parser.add_argument("--interrupt", type=int, default=0, metavar="N")
    parser.add_argument("--delete", type=int, default=None, metavar="N")
    parser.add_argument("--work", default=os.path.join(tempfile.gettempdir(), "direct-gce"))
    options = parser.parse_intermixed_args()
    sys.path.insert(0, options.suite)
    import compare, gce_world, harness
    gce_world.World.address = address
    google = harness.Gce()
    google.run.world.page_size, google.run.world.slow_operations = options.page_size, options.slow_operations
    binary, failed = os.path.abspath(options.bin), 0
    for name in options.names:
        case = harness.Case(os.path.join(options.suite, "gce", "cases", name))
        make = lambda part: Run(google, harness, case, os.path.join(options.work, name, part))
        print(f"  {name}", flush=True)
        wrong = list(alone(make, binary))
        if options.interrupt:
            wrong += interrupted(make, binary, options.interrupt)
        if options.delete is not None:
            wrong += deleted(make, binary, options.delete)
        if options.kops:
            kops = os.path.abspath(options.kops)
            made = []
            for first, second, label in ((kops, binary, "kops-first"), (binary, kops, "kops-second")):
                for result in crossed(make, first, second, label):
                    (wrong if isinstance(result, str) else made).append(result)
            if len(made) == 2:
                wrong += [f"what both made: {d}" for d in differences(*made, compare)]
        for problem in wrong:
            print(f"    {problem}")
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '} {name}", flush=True)
    print(f"{len(options.names) - failed} of {len(options.names)} cases")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
