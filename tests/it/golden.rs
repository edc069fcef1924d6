//! `kopsform golden` on the directories of `golden/`: inputs give `out/`, byte for byte, in every time zone, and the files agree
//! with each other and with Terraform.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::support::terraform::{PROVIDERS, Terraform};
use crate::support::{copy, files, give_keys, kopsform, root, skip, stderr, stdout, succeed, tool, write};

/// Set to have `out/` written instead of compared.
const UPDATE: &str = "UPDATE_GOLDEN";

/// While `out/` is regenerated, no test reads it.
static OUT: RwLock<()> = RwLock::new(());

/// The expected files of a case.
fn wanted(case: &str) -> BTreeMap<String, Vec<u8>> {
    let _shared = OUT.read().unwrap_or_else(PoisonError::into_inner);
    files(&root().join("golden").join(case).join("out"))
}

/// A configuration that calls a module.
const MODULE: &str = r#"
module "cluster" {
  source = "./cluster"
  providers = {
    aws       = aws
    aws.files = aws.files
  }
}
"#;

/// A copy of the goldens in which a case runs, so that only `out/` can change.
struct Fixture {
    directory: tempfile::TempDir,
    case: String,
}

impl Fixture {
    fn of(case: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["templates", "id_rsa.pub", case] {
            let from = root().join("golden").join(part);
            let to = directory.path().join(part);
            if from.is_dir() {
                copy(&from, &to);
            } else {
                fs::copy(from, to).unwrap();
            }
        }
        let fixture = Self { directory, case: case.to_owned() };
        let _ = fs::remove_dir_all(fixture.path("out"));
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(&self.case).join(name)
    }

    /// Puts the shared key pairs where the cluster's will be looked for.
    fn give_keys(&self, cluster: &str) {
        give_keys(&self.path("state"), cluster);
    }

    fn sync(&self) -> Command {
        let mut command = kopsform(self.directory.path());
        command.args(["sync", "--offline", "--project"]).arg(self.path("."));
        command
    }
}

fn cases() -> Vec<String> {
    let entries = fs::read_dir(root().join("golden")).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<String> = entries
        .filter(|path| path.join("kopsform.yaml").is_file())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    cases.sort();
    assert!(cases.len() >= 5, "{cases:?}");
    cases
}

/// The name of the cluster that a case is about, from the lines that its first run stores.
fn cluster_of(fixture: &Fixture) -> String {
    let output = succeed(fixture.sync().args(["--skip", "terraform"]));
    let said = stdout(&output);
    let line = said.lines().find(|line| line.starts_with("store")).unwrap();
    let (_, after) = line.split_once("Cluster/").unwrap();
    after.split(',').next().unwrap().trim().to_owned()
}

/// Runs a case with the shared keys and gives its files.
fn run(case: &str) -> (Fixture, BTreeMap<String, Vec<u8>>) {
    let fixture = Fixture::of(case);
    fixture.give_keys(&cluster_of(&fixture));
    check_keys(&succeed(&mut fixture.sync()));
    let out = files(&fixture.path("out"));
    (fixture, out)
}

/// A keyset of a run's own would be another one each time.
fn check_keys(output: &Output) {
    let said = stderr(output);
    assert!(!said.contains("created keyset"), "a keyset is missing in golden/keysets: {said}");
}

fn golden(arguments: &[&str], directory: &Path) -> Output {
    let mut command = kopsform(directory);
    command.args(["golden"]).args(arguments).arg(directory).output().unwrap()
}

#[test]
fn every_case_gives_its_files() {
    let golden_directory = root().join("golden");
    if std::env::var_os(UPDATE).is_some() {
        let _alone = OUT.write().unwrap_or_else(PoisonError::into_inner);
        let output = golden(&["update"], &golden_directory);
        assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
        return;
    }
    let _shared = OUT.read().unwrap_or_else(PoisonError::into_inner);
    let output = golden(&["check"], &golden_directory);
    let (said, summary) = (stdout(&output), stderr(&output));
    assert!(
        output.status.success() && said.is_empty(),
        "{said}{summary}\nif this is meant, run `just update` and review the diff"
    );
    // Templates are cases of their own, about which Terraform knows nothing.
    let templates = fs::read_dir(root().join("golden/cloudformation")).unwrap().count();
    let number = cases().len() + templates;
    assert_eq!(summary, format!("{number} cases: {number} as expected\n"));
}

/// `golden` renders in memory what `sync` writes, and lists it as `sync` does.
#[test]
fn a_sync_writes_the_expected_bytes() {
    for case in ["leverage-gossip", "own-bastion"] {
        let (_, found) = run(case);
        let wanted = wanted(case);
        let differs = |path: &&String| found.get(*path) != wanted.get(*path);
        let different: BTreeSet<&String> = found.keys().chain(wanted.keys()).filter(differs).collect();
        assert!(different.is_empty(), "{case}: {different:?}");
    }
}

/// Replaces text in the expected files of a copy.
fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{} does not contain {from}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// A copy of the goldens with one case.
fn copied(case: &str) -> (Fixture, PathBuf) {
    let fixture = Fixture::of(case);
    copy(&root().join("golden/keysets"), &fixture.directory.path().join("keysets"));
    copy(&root().join("golden").join(case).join("out"), &fixture.path("out"));
    let out = fixture.path("out");
    (fixture, out)
}

/// The data file whose name contains a part.
fn data_file(out: &Path, part: &str) -> PathBuf {
    let names: Vec<String> = files(&out.join("data")).into_keys().filter(|name| name.contains(part)).collect();
    assert_eq!(names.len(), 1, "{part}: {names:?}");
    out.join("data").join(&names[0])
}

#[test]
fn a_statement_a_port_a_flag_and_an_image_are_four_lines_that_name_them() {
    let (fixture, out) = copied("leverage-dns");
    edit(&data_file(&out, "role_policy_masters"), "\"s3:GetObject\",\n        \"s3:PutObject\"", "\"s3:GetObject\"");
    edit(
        &data_file(&out, "nodeupconfig-nodes"),
        "  logLevel: 2\n  nodeLabels",
        "  logLevel: 2\n  maxPods: 110\n  nodeLabels",
    );
    let manifest = data_file(&out, "cluster-autoscaler.addons");
    let text = fs::read_to_string(&manifest).unwrap();
    let image = text.lines().find_map(|line| line.trim().strip_prefix("image: ")).unwrap();
    edit(&manifest, image, "registry.example.com/autoscaler:0");
    let tf = out.join("kubernetes.tf");
    let text = fs::read_to_string(&tf).unwrap();
    let (before, rule) = text.split_once("\"https-elb-to-master\" {\n").unwrap();
    let rule = rule.replacen("443", "6443", 1);
    fs::write(&tf, format!("{before}\"https-elb-to-master\" {{\n{rule}")).unwrap();

    let output = golden(&["check"], fixture.directory.path());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let said = stdout(&output);
    let mut lines: Vec<&str> = said.lines().map(|line| line.strip_prefix("leverage-dns: ").unwrap()).collect();
    lines.sort_unstable();
    assert_eq!(lines.len(), 4, "{said}");
    assert_eq!(
        lines[0],
        format!("image of kube-system/cluster-autoscaler: registry.example.com/autoscaler:0 → {image}")
    );
    assert_eq!(lines[1], "kubelet flag of nodes: maxPods removed: 110");
    assert_eq!(lines[2], "policy of role masters: statement 3 now allows s3:PutObject");
    assert_eq!(lines[3], "security group rule https-elb-to-master: from_port 6443 → 443");

    // The update restores the files, reports the same, and a check is content again.
    let output = golden(&["update"], fixture.directory.path());
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(lines.iter().all(|line| stdout(&output).contains(line)), "{}", stdout(&output));
    assert_eq!(files(&out), wanted("leverage-dns"));
    assert_eq!(golden(&["check"], fixture.directory.path()).status.code(), Some(0));
}

#[test]
fn other_bytes_of_the_same_meaning_are_reported_as_such() {
    let (fixture, out) = copied("leverage-gossip");
    let tf = out.join("kubernetes.tf");
    let text = fs::read_to_string(&tf).unwrap();
    fs::write(&tf, format!("# A comment.\n{}", text.replace(" = ", "   = "))).unwrap();
    let output = golden(&["check", "-o", "json"], fixture.directory.path());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["summary"], serde_json::json!({"expected": 0, "bytes": 1, "meaning": 0, "failed": 0}));
    assert_eq!(json["cases"][0]["findings"][0]["file"], "kubernetes.tf");
}

#[test]
fn a_case_without_keysets_gets_some_for_tests() {
    let (fixture, out) = copied("leverage-gossip");
    fs::remove_dir_all(fixture.directory.path().join("keysets")).unwrap();
    let output = golden(&["check"], fixture.directory.path());
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("lacks the keysets"), "{}", stdout(&output));
    let output = golden(&["update"], fixture.directory.path());
    assert!(output.status.success(), "{}{}", stdout(&output), stderr(&output));
    let made = files(&fixture.directory.path().join("keysets"));
    assert!(made.len() >= 7, "{:?}", made.keys());
    assert!(made.values().all(|content| content.starts_with(b"# FOR TESTS ONLY")));
    assert_eq!(golden(&["check"], fixture.directory.path()).status.code(), Some(0));
    // Another run makes no others.
    let before = files(&out);
    assert!(golden(&["update"], fixture.directory.path()).status.success());
    assert_eq!(files(&out), before);
}

#[test]
fn a_case_is_made_from_a_project_and_holds_no_secret_output() {
    let (fixture, _) = copied("leverage-gossip");
    let outputs = fixture.path("outputs.json");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&outputs).unwrap()).unwrap();
    document["token"] = serde_json::json!({"sensitive": true, "type": "string", "value": "hunter2-hunter2"});
    fs::write(&outputs, document.to_string()).unwrap();
    let new = fixture.directory.path().join("made/by/init");
    let mut command = kopsform(fixture.directory.path());
    let output = succeed(command.args(["golden", "init"]).arg(&new).arg("--project").arg(fixture.path(".")));
    assert!(stderr(&output).contains("replaced the values of sensitive outputs: token"), "{}", stderr(&output));
    let found = files(&new);
    assert!(found.values().all(|content| !String::from_utf8_lossy(content).contains("hunter2")));
    let expected: Vec<(String, Vec<u8>)> = wanted("leverage-gossip").into_iter().collect();
    let made: Vec<(String, Vec<u8>)> = files(&new.join("out")).into_iter().collect();
    assert_eq!(made, expected);
    assert_eq!(golden(&["check"], &new).status.code(), Some(0));
    // It never overwrites.
    let again = kopsform(fixture.directory.path()).args(["golden", "init"]).arg(&new).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(files(&new), found);
}

#[test]
fn a_case_is_made_from_a_cluster_in_the_state_store() {
    let (fixture, expected) = run("leverage-gossip");
    copy(&root().join("golden/keysets"), &fixture.directory.path().join("keysets"));
    let state = fixture.path("state");
    let names = fs::read_dir(&state).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.filter(|name| !name.starts_with('.')).collect::<Vec<_>>().concat();
    let new = fixture.directory.path().join("made");
    let mut command = kopsform(fixture.directory.path());
    command.args(["golden", "init"]).arg(&new).args(["--name", &name]).arg("--lock").arg(fixture.path("kopsform.lock"));
    succeed(command.args(["--state", &format!("file://{}", state.display())]));
    assert_eq!(files(&new.join("out")), expected);
    assert_eq!(golden(&["check"], &new).status.code(), Some(0));
}

/// Time zone and clock of the machine do not reach templates.
#[test]
fn templates_of_a_case_have_a_time_that_stands_still() {
    let (fixture, _) = copied("leverage-gossip");
    let template = fixture.directory.path().join("templates/leverage.yml");
    let text = fs::read_to_string(&template).unwrap();
    let stamped =
        text.replacen("metadata:\n", "metadata:\n  annotations: {at: '{{ now | date \"2006-01-02 15:04\" }}'}\n", 1);
    assert_ne!(text, stamped);
    fs::write(&template, stamped).unwrap();
    for zone in ["Pacific/Kiritimati", "America/Los_Angeles"] {
        let mut command = kopsform(fixture.directory.path());
        let output = command
            .args(["golden", "check", "-o", "json"])
            .arg(fixture.directory.path())
            .env("TZ", zone)
            .output()
            .unwrap();
        let said = stdout(&output);
        assert!(said.contains("2026-01-01 00:00"), "{said}{}", stderr(&output));
    }
}

#[test]
fn output_outside_of_a_case_is_refused() {
    let (fixture, _) = copied("leverage-gossip");
    for out in ["../elsewhere", "/tmp/elsewhere", "."] {
        let project = fixture.path("kopsform.yaml");
        let text = fs::read_to_string(root().join("golden/leverage-gossip/kopsform.yaml")).unwrap();
        fs::write(&project, text.replace("out: out", &format!("out: {out}"))).unwrap();
        let output = golden(&["update"], fixture.directory.path());
        assert_eq!(output.status.code(), Some(1), "{out}");
        assert!(stdout(&output).contains("is not below it"), "{}", stdout(&output));
    }
}

/// Without a network, credentials and anything to write to.
#[test]
fn cases_are_checked_without_a_network() {
    let Some(unshare) = tool("unshare") else { return skip("unshare is not installed") };
    if !Command::new(&unshare).args(["-rn", "true"]).status().is_ok_and(|status| status.success()) {
        return skip("this system does not allow `unshare -rn`");
    }
    let (fixture, _) = copied("leverage-dns");
    let before = files(fixture.directory.path());
    for zone in ["Pacific/Kiritimati", "America/Los_Angeles"] {
        let mut alone = Command::new(&unshare);
        crate::support::clean(&mut alone, fixture.directory.path());
        alone.args(["-rn", crate::support::BINARY, "golden", "check"]).arg(fixture.directory.path()).env("TZ", zone);
        succeed(&mut alone);
    }
    assert_eq!(files(fixture.directory.path()), before);
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let (fixture, before) = run("leverage-dns");
    let output = succeed(fixture.sync().arg("--no-create-keys"));
    let said = stdout(&output);
    assert!(said.ends_with("\nNo changes\n"), "{said}");
    assert!(!said.contains(" changed "), "{said}");
    assert!(said.contains("terraform  unchanged"), "{said}");
    assert_eq!(files(&fixture.path("out")), before);
}

#[test]
fn dead_fields_are_warnings_with_their_places_in_the_template() {
    let fixture = Fixture::of("leverage-dns");
    let said = stderr(&succeed(fixture.sync().args(["--skip", "terraform"])));
    let template = fs::read_to_string(root().join("golden/templates/leverage.yml")).unwrap();
    for (field, path) in
        [("clusterId:", "spec.authentication.aws.clusterId"), ("kubernetesVersion: {{ $.", "spec.kubernetesVersion")]
    {
        let line = template.lines().position(|line| line.contains(field)).unwrap() + 1;
        let place = format!("templates/leverage.yml:{line}:");
        let reported = said
            .lines()
            .any(|reported| reported.contains(&place) && reported.contains(&format!("{path}: unknown field")));
        assert!(reported, "{place} {path} is not in\n{said}");
    }
    for stored in files(&fixture.path("state")).values() {
        let text = String::from_utf8_lossy(stored);
        assert!(!text.contains("clusterId"), "{text}");
    }
}

/// Without a network, twice, on both sides of the date line.
#[test]
fn the_same_bytes_without_a_network_in_two_time_zones() {
    let Some(unshare) = tool("unshare") else { return skip("unshare is not installed") };
    if !Command::new(&unshare).args(["-rn", "true"]).status().is_ok_and(|status| status.success()) {
        return skip("this system does not allow `unshare -rn`");
    }
    let mut results = Vec::new();
    for zone in ["Pacific/Kiritimati", "America/Los_Angeles"] {
        let fixture = Fixture::of("leverage-karpenter");
        fixture.give_keys(&cluster_of(&fixture));
        let inner = fixture.sync();
        let mut alone = Command::new(&unshare);
        crate::support::clean(&mut alone, fixture.directory.path());
        alone.arg("-rn").arg(inner.get_program()).args(inner.get_args()).env("TZ", zone);
        check_keys(&succeed(&mut alone));
        results.push(files(&fixture.path("out")));
    }
    assert!(results[0].len() > 20);
    assert_eq!(results[0], results[1]);
}

/// The order of documents in a file means nothing.
#[test]
fn the_order_of_groups_does_not_matter() {
    let (_, wanted) = run("leverage-dns");
    let fixture = Fixture::of("leverage-dns");
    let rendered = fixture.path("rendered.yml");
    let project = fixture.path("kopsform.yaml");
    let text = fs::read_to_string(&project).unwrap();
    fs::write(&project, format!("{text}rendered: rendered.yml\n")).unwrap();
    fixture.give_keys(&cluster_of(&fixture));
    let text = fs::read_to_string(&rendered).unwrap();
    let mut documents: Vec<&str> = text.split("\n---\n").collect();
    assert!(documents.len() > 3);
    documents.reverse();
    documents.swap(0, 2);
    fs::write(&rendered, documents.join("\n---\n")).unwrap();
    let stored = fixture.path("state").join("k1.devstg.aws.binbash-demo.com.ar");
    fs::remove_dir_all(stored.join("instancegroup")).unwrap();
    // A stored cluster would get another generation.
    fs::remove_file(stored.join("config")).unwrap();
    check_keys(&succeed(fixture.sync().args(["--skip", "template"])));
    let found = files(&fixture.path("out"));
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (name, content) in &wanted {
        assert_eq!(String::from_utf8_lossy(&found[name]), String::from_utf8_lossy(content), "{name}");
    }
}

#[test]
fn every_case_is_hcl() {
    for case in cases() {
        for (name, content) in wanted(&case) {
            if name.ends_with(".tf") {
                let text = String::from_utf8(content).unwrap();
                let body = hcl::parse(&text).unwrap_or_else(|error| panic!("{case}/{name}: {error}"));
                assert!(body.blocks().next().is_some(), "{case}/{name}");
            }
        }
    }
}

#[test]
fn every_case_is_valid_and_formatted_for_terraform() {
    let Some(terraform) = Terraform::find() else { return };
    terraform.keep_provider(|_| {});
    let home = tempfile::tempdir().unwrap();
    let mut on_aws = Vec::new();
    for case in cases() {
        let directory = home.path().join(&case);
        let out = wanted(&case);
        let files = out.iter().filter(|(name, _)| name.ends_with(".tf"));
        let text: String = files.map(|(_, content)| String::from_utf8_lossy(content)).collect();
        // Output that is part of a user's configuration needs one that uses it.
        let is_on_google_cloud = text.contains("\nprovider \"google\" {");
        let (place, config) = if is_on_google_cloud {
            (directory.clone(), String::new())
        } else if text.contains("configuration_aliases") {
            (directory.join("cluster"), format!("{PROVIDERS}{MODULE}"))
        } else if text.contains("provider \"aws\" {") {
            (directory.clone(), String::new())
        } else {
            (directory.clone(), PROVIDERS.to_owned())
        };
        write(&out, &place);
        fs::write(directory.join("config.tf"), config).unwrap();
        // Tests do not have the Google provider; `google::tests` of the target check arguments against its schema.
        if !is_on_google_cloud {
            on_aws.push(case);
        }
    }
    terraform.assert_formatted(home.path());
    terraform.validates_each(home.path(), on_aws);
}

/// The files of a case in a layout that is not its own.
fn in_layout(case: &str, layout: &str) -> BTreeMap<String, Vec<u8>> {
    let fixture = Fixture::of(case);
    fixture.give_keys(&cluster_of(&fixture));
    let blocks = if layout == "module" { "required" } else { "full" };
    check_keys(&succeed(fixture.sync().args(["--layout", layout, "--provider-blocks", blocks])));
    files(&fixture.path("out"))
}

fn lines(out: &BTreeMap<String, Vec<u8>>) -> usize {
    let tf = out.iter().filter(|(name, _)| name.ends_with(".tf"));
    tf.map(|(_, content)| content.iter().filter(|byte| **byte == b'\n').count()).sum()
}

#[test]
fn layouts_for_readers_have_at_most_55_percent_of_the_lines() {
    let single = lines(&wanted("leverage-dns"));
    for layout in ["split", "module"] {
        let readable = lines(&in_layout("leverage-dns", layout));
        assert!(readable * 100 <= single * 55, "{layout}: {readable} of {single} lines");
    }
}

/// Clusters that differ in most: existing and new networks, IPv6, bastions, Spot instances, warm pools, service accounts.
#[test]
fn every_case_is_valid_and_formatted_in_the_layouts_for_readers() {
    let Some(terraform) = Terraform::find() else { return };
    terraform.keep_provider(|_| {});
    let home = tempfile::tempdir().unwrap();
    let layouts =
        [("leverage-dns", "split"), ("leverage-karpenter", "module"), ("own-bastion", "split"), ("own-ipv6", "module")];
    for (case, layout) in layouts {
        let directory = home.path().join(case);
        let out = in_layout(case, layout);
        if layout == "module" {
            write(&out, &directory.join("cluster"));
            fs::write(directory.join("config.tf"), format!("{PROVIDERS}{MODULE}")).unwrap();
        } else {
            write(&out, &directory);
        }
    }
    terraform.assert_formatted(home.path());
    terraform.validates_each(home.path(), layouts.map(|(case, _)| case));
}

/// What one file says about another is so.
#[test]
fn hashes_and_key_ids_fit_what_is_written() {
    for case in cases() {
        let out = wanted(&case);
        let text = |name: &str| out.get(name).map(|content| String::from_utf8_lossy(content).into_owned());
        let (mut scripts, mut manifests, mut keys) = (0, 0, 0);
        for (name, content) in &out {
            let content = String::from_utf8_lossy(content);
            if name.contains("user_data") || name.contains("user-data") {
                let Some(group) = field(&content, "InstanceGroupName") else { continue };
                let wanted = field(&content, "NodeupConfigHash").unwrap_or_else(|| panic!("{case}/{name}: no hash"));
                let config = named(&out, &format!("nodeupconfig-{group}_content"));
                let config = text(&config).unwrap();
                assert_eq!(wanted, STANDARD.encode(Sha256::digest(config.as_bytes())), "{case}/{name}");
                scripts += 1;
            }
            if name.contains("addons-bootstrap") {
                manifests += check_manifests(&case, &content, &out);
            }
            if name.contains("nodeupconfig-") {
                keys += check_key_ids(&case, name, &content);
            }
        }
        assert!(scripts >= 2 && manifests >= 5 && keys >= 2, "{case}: {scripts} {manifests} {keys}");
    }
}

/// The value of a `key: value` line, wherever it is indented.
fn field<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut lines = text.lines().map(str::trim);
    lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(|value| value.trim_matches('"'))
}

/// The one file whose name ends so.
fn named(out: &BTreeMap<String, Vec<u8>>, end: &str) -> String {
    let found: Vec<_> = out.keys().filter(|name| name.ends_with(end)).collect();
    assert_eq!(found.len(), 1, "{end}: {found:?}");
    found[0].clone()
}

/// Each addon's `manifestHash` is that of the manifest next to it.
fn check_manifests(case: &str, channel: &str, out: &BTreeMap<String, Vec<u8>>) -> usize {
    let channel: serde_json::Value = kopsform_yaml::from_str("bootstrap", channel).unwrap();
    let addons = channel["spec"]["addons"].as_array().unwrap();
    for addon in addons {
        let manifest = addon["manifest"].as_str().unwrap();
        let id = addon.get("id").and_then(|id| id.as_str());
        let name = addon["name"].as_str().unwrap();
        // Modules have no dots in the names of files.
        let plain = |text: &str| text.replace('.', "-");
        let end = plain(&match id {
            Some(id) => format!("addons-{name}-{id}_content"),
            None => format!("addons-{name}_content"),
        });
        let file = out.keys().find(|file| plain(file).ends_with(&end));
        let file = file.unwrap_or_else(|| panic!("{case}: no {end} for {manifest}"));
        assert_eq!(addon["manifestHash"], hex(&Sha256::digest(&out[file])), "{case}: {manifest}");
    }
    addons.len()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every key id is that of the primary key of its keyset.
fn check_key_ids(case: &str, name: &str, config: &str) -> usize {
    let config: serde_json::Value = kopsform_yaml::from_str(name, config).unwrap();
    let Some(ids) = config.get("KeypairIDs").and_then(|ids| ids.as_object()) else { return 0 };
    for (keyset, id) in ids {
        let path = root().join("golden/keysets").join(format!("{keyset}.yaml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let stored: serde_json::Value = kopsform_yaml::from_str(keyset, &text).unwrap();
        let known = stored["spec"]["keys"].as_array().unwrap().iter().map(|key| &key["id"]);
        assert!(known.clone().any(|known| known == id), "{case}/{name}: {keyset} has no key {id}");
    }
    1
}

/// A golden directory has no effect without its output.
#[test]
fn no_case_is_without_output() {
    for case in cases() {
        let out = wanted(&case);
        assert!(out.keys().any(|name| Path::new(name).extension().is_some_and(|e| e == "tf")), "{case} has no out/");
    }
}
