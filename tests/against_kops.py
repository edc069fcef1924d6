#!/usr/bin/env python3
"""Compares a binary with a real kops, on specs that no kit has.

    against_kops.py KIT --kops KOPS --bin target/debug/kopsform CASE…                  cases of the kit, as they are
    against_kops.py KIT --kops KOPS --bin … CASE… --env KOPS_FEATURE_FLAGS=-ImageDigest   in another environment
    against_kops.py KIT --kops KOPS --bin … --options FILE                              each option of the file in the kit's base cluster
    against_kops.py KIT --kops KOPS --bin … --random COUNT --seed N [--options FILE]    random cases with several options at once

Both run in the kit's world, and the kit's rules say what is equal; a spec must be taken by both or refused by both. An options file is
shaped like the kit's variations/cases.json, which is taken where none is given. Needs what the kit needs; kops looks up name servers
for a public zone, so without a network it needs to be built without that check. Boot scripts of Karpenter groups, which the kit compares
word by word, are compared by what they tell the instance, as all others.
"""
import argparse, contextlib, copy, json, os, random, shutil, sys, tempfile

import yaml

# How many options a random spec gets.
OPTIONS = range(3, 9)


def options_for(docs, option, base, chance):
    """The changes of an option, with the names of the base's instance groups replaced by ones of the same role."""
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


def made(source, changes, environment, change, where):
    """A case in the folder `where`: that of `source` with some changes."""
    shutil.copytree(source, where, ignore=shutil.ignore_patterns("expected"))
    path = os.path.join(where, "cluster.yaml")
    with open(path) as f:
        docs = [d for d in yaml.safe_load_all(f) if d]
    for c in changes:
        change(docs, c)
    with open(path, "w") as f:
        yaml.safe_dump_all(docs, f, sort_keys=False)
    meta, path = {}, os.path.join(where, "case.json")
    if os.path.exists(path):
        with open(path) as f:
            meta = json.load(f)
    # Hashes are those of the kit's asset server, for both.
    kept = {k: v for k, v in meta.get("env", {}).items() if k not in ("KOPS_BASE_URL", "KOPSFORM_LOCK")}
    meta["env"] = {**kept, **environment}
    with open(path, "w") as f:
        json.dump(meta, f)
    return where


def means_the_same(difference, expected, ours):
    """Whether a difference is one of wording alone: boot scripts of Karpenter groups, and hashes of manifests in a channel of the store."""
    import compare

    tier, item, said = difference
    if tier == "store" and item == "addons/bootstrap-channel.yaml":
        channels = []
        for store in (os.path.join(expected, "store"), os.path.join(ours, "store")):
            addons = os.path.join(store, "addons")
            texts = {os.path.relpath(path, addons): read(path) for folder, _, names in os.walk(addons)
                     for path in (os.path.join(folder, name) for name in names)}
            channels.append(compare.bootstrap_channel(texts["bootstrap-channel.yaml"], texts, item))
        return channels[0][0] == channels[1][0] and channels[1][1] is None
    if tier == "store":
        want, got = (read(os.path.join(store, item)) for store in (os.path.join(expected, "store"), os.path.join(ours, "store")))
    else:
        results = [compare.Terraform(folder) for folder in (expected, os.path.join(ours, "out"))]
        want, got = (result.read(item) or "" if item in result.files else "" for result in results)
    if "nodeupscript" in item:
        return compare.compare_boot(want, got, {}, {}) is None
    if "userData" not in said:
        return False
    scripts = user_data(want), user_data(got)
    if len(scripts[0]) != len(scripts[1]):
        return False
    for theirs, mine in zip(*scripts):
        if compare.compare_boot(theirs, mine, {}, {}):
            return False
        got = replaced(got, mine, theirs)
    # With the same words in place, the rest must be the same.
    return compare.compare_text(want, got) is None


def user_data(text):
    """The boot scripts in a manifest."""
    classes = (d for d in yaml.safe_load_all(text) if d and d.get("kind") == "EC2NodeClass")
    return [d["spec"].get("userData", "") for d in classes]


def replaced(text, script, other):
    """A manifest in which the boot script of a class is another one."""
    docs = [d for d in yaml.safe_load_all(text) if d]
    for doc in docs:
        if doc.get("kind") == "EC2NodeClass" and doc["spec"].get("userData") == script:
            doc["spec"]["userData"] = other
    return yaml.safe_dump_all(docs)


def read(path):
    """A file's text; none where there is no file."""
    if not os.path.isfile(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def judged(case, temp, kops, binary, endpoint, assets):
    """What comes of a case in both programs: a verdict, and (tier, item, difference) of what speaks for it. Results are left in `temp`."""
    import compare, harness

    theirs, ours = os.path.join(temp, "kops"), os.path.join(temp, "kopsform")
    refused, _, _ = harness.run_case([kops], case, theirs, endpoint, assets)
    refusal, _, _ = harness.run_case([binary], case, ours, endpoint, assets)
    if refused or refusal:
        found = [("", "kops", str(refused)[-400:]), ("", "kopsform", str(refusal)[:400])]
        return "refused" if refused and refusal else "DISAGREE", found
    # Laid out as the kit expects results: the store lies within the output.
    expected = os.path.join(temp, "expected")
    shutil.copytree(os.path.join(theirs, "out"), expected)
    with contextlib.suppress(FileNotFoundError):
        shutil.copytree(os.path.join(theirs, "store"), os.path.join(expected, "store"))
    found = [d for d in compare.compare(expected, ours).differences() if not means_the_same(d, expected, ours)]
    return "UNEQUAL" if found else "equal", found


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("kit", help="folder of the conformance kit")
    ap.add_argument("cases", nargs="*", help="names of cases")
    ap.add_argument("--kops", required=True, help="kops 1.36.2")
    ap.add_argument("--bin", required=True, help="the program")
    ap.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="for both")
    ap.add_argument("--options", help="options to set")
    ap.add_argument("--only", action="append", help="an option of the file; may be repeated")
    ap.add_argument("--random", type=int, metavar="COUNT", help="combinations to try")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--port", type=int, default=5600, help="the simulated AWS listens here, and assets are served one further")
    ap.add_argument("--keep", help="leave results of unequal specs in this folder")
    a = ap.parse_intermixed_args()
    sys.path.insert(0, os.path.abspath(a.kit))
    import harness, validation, world

    variations = os.path.join(a.kit, "variations")
    with open(a.options or os.path.join(variations, "cases.json")) as f:
        options = [o for o in json.load(f) if not a.only or o["name"] in a.only]
    with open(os.path.join(variations, "base", "cluster.yaml")) as f:
        base = [d for d in yaml.safe_load_all(f) if d]
    environment = dict(pair.split("=", 1) for pair in a.env)
    folder = os.path.join(a.kit, "cases")

    def specs():
        """Of each spec its name, the folder it starts from, and its changes."""
        if a.random:
            everything = a.cases or sorted(os.listdir(folder))
            for number in range(a.random):
                chance = random.Random(f"{a.seed}/{number}")
                name = chance.choice(everything)
                with open(os.path.join(folder, name, "cluster.yaml")) as f:
                    docs = [d for d in yaml.safe_load_all(f) if d]
                chosen = chance.sample(options, min(len(options), chance.choice(OPTIONS)))
                changes = [c for o in chosen for c in options_for(docs, o, base, chance)]
                yield f"{name} + {' '.join(o['name'] for o in chosen)}", os.path.join(folder, name), changes
        elif a.cases:
            for name in a.cases:
                yield name, os.path.join(folder, name), []
        else:
            for option in options:
                yield option["name"], os.path.join(variations, "base"), option["changes"]

    programs = os.path.abspath(a.kops), os.path.abspath(a.bin)
    endpoint, assets = world.start(a.port, a.port + 1)
    counts = {}
    for number, (name, source, changes) in enumerate(specs()):
        with tempfile.TemporaryDirectory() as temp:
            try:
                case = harness.Case(made(source, changes, environment, validation.change, os.path.join(temp, "case")))
            except (AttributeError, IndexError, KeyError, TypeError, ValueError, StopIteration):
                counts["not made"] = counts.get("not made", 0) + 1
                continue  # an option that does not fit this case's shape
            verdict, found = judged(case, temp, *programs, endpoint, assets)
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
    os._exit(code)  # the servers' threads need no farewell
