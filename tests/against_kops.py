#!/usr/bin/env python3
"""Compares a binary with a kops binary, on specs that the conformance suite does not have.

    against_kops.py SUITE --kops KOPS --bin target/debug/kopsform CASE…                  unchanged cases of the suite
    against_kops.py SUITE --kops KOPS --bin … CASE… --env KOPS_FEATURE_FLAGS=-ImageDigest   cases with other environment variables
    against_kops.py SUITE --kops KOPS --bin … --options FILE                              the base cluster of the suite with each option
    against_kops.py SUITE --kops KOPS --bin … --random COUNT --seed N [--options FILE]    random cases with several options each

Both programs run in the simulated environment of the suite, and the results are compared by its rules: both must accept a spec and
produce equivalent output, or both must reject it. An options file has the format of variations/cases.json of the suite, which is the
default. Requires what the suite requires. kops looks up the name servers of public zones, so without network access it must be built
without that check. The suite compares boot scripts of Karpenter groups literally; here, they are compared by the values they contain,
like all other boot scripts.
"""
import argparse, contextlib, copy, json, os, random, shutil, sys, tempfile

import yaml

# Number of options in a random spec.
OPTIONS = range(3, 9)


def options_for(docs, option, base, chance):
    """The changes of an option, with the instance groups of the base cluster replaced by groups of the same role in `docs`."""
    roles = {d["metadata"]["name"]: d["spec"].get("role") for d in base if d["kind"] == "InstanceGroup"}
    names = {d["metadata"]["name"]: d["spec"].get("role") for d in docs if d["kind"] == "InstanceGroup"}
    changes = []
    for change in copy.deepcopy(option["changes"]):
        if change["object"] != "cluster" and change["object"] not in names:
            fitting = sorted(n for n, role in names.items() if role == roles.get(change["object"]))
            if not fitting:
                return []
            change["object"] = chance.choice(fitting)
        changes.append(change)
    return changes


def create_case(source, changes, environment, change, directory):
    """Copies the case `source` to `directory` with changes. Returns `directory`."""
    shutil.copytree(source, directory, ignore=shutil.ignore_patterns("expected"))
    path = os.path.join(directory, "cluster.yaml")
    with open(path) as f:
        docs = [d for d in yaml.safe_load_all(f) if d]
    for c in changes:
        change(docs, c)
    with open(path, "w") as f:
        yaml.safe_dump_all(docs, f, sort_keys=False)
    meta, path = {}, os.path.join(directory, "case.json")
    if os.path.exists(path):
        with open(path) as f:
            meta = json.load(f)
    # Both programs use the asset server of the suite, for the same hashes.
    kept = {k: v for k, v in meta.get("env", {}).items() if k not in ("KOPS_BASE_URL", "KOPSFORM_LOCK")}
    meta["env"] = {**kept, **environment}
    with open(path, "w") as f:
        json.dump(meta, f)
    return directory


def is_equivalent(difference, expected, ours):
    """Whether a difference is only one of wording, in the boot script of a Karpenter group, or only in the hashes of such manifests."""
    import compare

    tier, item, message = difference
    if tier == "store" and item == "addons/bootstrap-channel.yaml":
        channels = []
        for store in (os.path.join(expected, "store"), os.path.join(ours, "store")):
            addons = os.path.join(store, "addons")
            manifests = {os.path.relpath(path, addons): read(path) for directory, _, names in os.walk(addons)
                         for path in (os.path.join(directory, name) for name in names)}
            channels.append(compare.bootstrap_channel(manifests["bootstrap-channel.yaml"], manifests, item))
        return channels[0][0] == channels[1][0] and channels[1][1] is None
    if tier == "store":
        want, got = (read(os.path.join(store, item)) for store in (os.path.join(expected, "store"), os.path.join(ours, "store")))
    else:
        results = [compare.Terraform(directory) for directory in (expected, os.path.join(ours, "out"))]
        want, got = (result.read(item) or "" if item in result.files else "" for result in results)
    if "nodeupscript" in item:
        return compare.compare_boot(want, got, {}, {}) is None
    if "userData" not in message:
        return False
    scripts = user_data(want), user_data(got)
    if len(scripts[0]) != len(scripts[1]):
        return False
    for theirs, mine in zip(*scripts):
        if compare.compare_boot(theirs, mine, {}, {}):
            return False
        got = with_user_data(got, mine, theirs)
    # With equal boot scripts, everything else must be equal.
    return compare.compare_text(want, got) is None


def user_data(manifest):
    """The boot scripts in a manifest."""
    classes = (d for d in yaml.safe_load_all(manifest) if d and d.get("kind") == "EC2NodeClass")
    return [d["spec"].get("userData", "") for d in classes]


def with_user_data(manifest, script, other):
    """The manifest with a boot script replaced by another."""
    docs = [d for d in yaml.safe_load_all(manifest) if d]
    for doc in docs:
        if doc.get("kind") == "EC2NodeClass" and doc["spec"].get("userData") == script:
            doc["spec"]["userData"] = other
    return yaml.safe_dump_all(docs)


def read(path):
    """The content of a file; empty if it does not exist."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def run_both(case, temp, kops, binary, endpoint, assets):
    """Runs a case with both programs. Returns a verdict and its reasons as (tier, item, difference); the results are in `temp`."""
    import compare, harness

    theirs, ours = os.path.join(temp, "kops"), os.path.join(temp, "kopsform")
    kops_error, _, _ = harness.run_case([kops], case, theirs, endpoint, assets)
    our_error, _, _ = harness.run_case([binary], case, ours, endpoint, assets)
    if kops_error or our_error:
        found = [("", "kops", str(kops_error)[-400:]), ("", "kopsform", str(our_error)[:400])]
        return "rejected" if kops_error and our_error else "DISAGREE", found
    # The suite expects the store inside the output directory.
    expected = os.path.join(temp, "expected")
    shutil.copytree(os.path.join(theirs, "out"), expected)
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(os.path.join(theirs, "store"), os.path.join(expected, "store"))
    found = [d for d in compare.compare(expected, ours).differences() if not is_equivalent(d, expected, ours)]
    return "UNEQUAL" if found else "equal", found


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("suite", help="directory of the conformance suite")
    ap.add_argument("cases", nargs="*", help="names of cases")
    ap.add_argument("--kops", required=True, help="the kops 1.36.2 binary")
    ap.add_argument("--bin", required=True, help="the kopsform binary")
    ap.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="set for both programs; may be repeated")
    ap.add_argument("--options", help="file with options to set (default: those of the suite)")
    ap.add_argument("--only", action="append", help="use only this option of the file; may be repeated")
    ap.add_argument("--random", type=int, metavar="COUNT", help="number of random combinations")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--port", type=int, default=5600, help="port of the simulated AWS; assets are served on the next port")
    ap.add_argument("--keep", help="keep results that differ in this directory")
    a = ap.parse_intermixed_args()
    sys.path.insert(0, os.path.abspath(a.suite))
    import harness, validation, world

    variations = os.path.join(a.suite, "variations")
    with open(a.options or os.path.join(variations, "cases.json")) as f:
        options = [o for o in json.load(f) if not a.only or o["name"] in a.only]
    with open(os.path.join(variations, "base", "cluster.yaml")) as f:
        base = [d for d in yaml.safe_load_all(f) if d]
    environment = dict(pair.split("=", 1) for pair in a.env)
    directory = os.path.join(a.suite, "cases")

    def specs():
        """Yields (name, directory of the original case, changes) for each spec."""
        if a.random:
            everything = a.cases or sorted(os.listdir(directory))
            for number in range(a.random):
                chance = random.Random(f"{a.seed}/{number}")
                name = chance.choice(everything)
                with open(os.path.join(directory, name, "cluster.yaml")) as f:
                    docs = [d for d in yaml.safe_load_all(f) if d]
                chosen = chance.sample(options, min(len(options), chance.choice(OPTIONS)))
                changes = [c for o in chosen for c in options_for(docs, o, base, chance)]
                yield f"{name} + {' '.join(o['name'] for o in chosen)}", os.path.join(directory, name), changes
        elif a.cases:
            for name in a.cases:
                yield name, os.path.join(directory, name), []
        else:
            for option in options:
                yield option["name"], os.path.join(variations, "base"), option["changes"]

    programs = os.path.abspath(a.kops), os.path.abspath(a.bin)
    endpoint, assets = world.start(a.port, a.port + 1)
    counts = {}
    for number, (name, source, changes) in enumerate(specs()):
        with tempfile.TemporaryDirectory() as temp:
            try:
                case = harness.Case(create_case(source, changes, environment, validation.change, os.path.join(temp, "case")))
            except (AttributeError, IndexError, KeyError, TypeError, ValueError, StopIteration):
                counts["not applicable"] = counts.get("not applicable", 0) + 1
                continue  # an option that does not apply to the objects of this case
            verdict, found = run_both(case, temp, *programs, endpoint, assets)
            counts[verdict] = counts.get(verdict, 0) + 1
            if verdict != "equal":
                print(f"{verdict:9} {number:4} {name}", flush=True)
            for tier, item, difference in found[:12]:
                print(f"          {tier:9} {item}: {difference[:400]}", flush=True)
            if verdict in ("UNEQUAL", "DISAGREE") and a.keep:
                shutil.copytree(temp, os.path.join(a.keep, str(number)), dirs_exist_ok=True)
    print(", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items())))
    return 1 if counts.get("UNEQUAL") or counts.get("DISAGREE") else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # do not wait for the threads of the servers
