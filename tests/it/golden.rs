//! Every directory of `golden/` with a `kopsform.yaml`: its inputs give its `out/`, byte for byte, in every time zone, and the
//! files agree with each other and with Terraform.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{PoisonError, RwLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::support::terraform::{PROVIDERS, Terraform};
use crate::support::{copy, files, kopsform, root, skip, stderr, stdout, succeed, tool, write};

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
        for (name, content) in files(&root().join("golden/keysets")) {
            let Some(keyset) = name.strip_suffix(".yaml") else { continue };
            let directory = self.path("state").join(cluster).join("pki/private").join(keyset);
            fs::create_dir_all(&directory).unwrap();
            fs::write(directory.join("keyset.yaml"), content).unwrap();
        }
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

#[test]
fn every_case_gives_its_files() {
    let update = std::env::var_os(UPDATE).is_some();
    for case in cases() {
        let (_, found) = run(&case);
        if update {
            let _alone = OUT.write().unwrap_or_else(PoisonError::into_inner);
            let directory = root().join("golden").join(&case).join("out");
            let _ = fs::remove_dir_all(&directory);
            write(&found, &directory);
            continue;
        }
        let wanted = wanted(&case);
        let missing: Vec<_> = wanted.keys().filter(|name| !found.contains_key(*name)).collect();
        let unexpected: Vec<_> = found.keys().filter(|name| !wanted.contains_key(*name)).collect();
        let differ = wanted.iter().filter(|(name, content)| found.get(*name).is_some_and(|f| f != *content));
        let differ: Vec<String> = differ.map(|(name, content)| difference(name, content, &found[name])).collect();
        assert!(
            missing.is_empty() && unexpected.is_empty() && differ.is_empty(),
            "{case}: missing {missing:?}, unexpected {unexpected:?}\n{}\nif this is meant, run `just update` and review the diff",
            differ.join("\n")
        );
    }
}

fn difference(name: &str, wanted: &[u8], found: &[u8]) -> String {
    let (wanted, found) = (String::from_utf8_lossy(wanted), String::from_utf8_lossy(found));
    kopsform_yaml::changes::unified_diff(name, &wanted, name, &found)
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
    fs::remove_dir_all(fixture.path("state").join("k1.devstg.aws.binbash-demo.com.ar/instancegroup")).unwrap();
    check_keys(&succeed(fixture.sync().args(["--skip", "template"])));
    assert_eq!(files(&fixture.path("out")), wanted);
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
    for case in cases() {
        let directory = tempfile::tempdir().unwrap();
        let out = wanted(&case);
        let files = out.iter().filter(|(name, _)| name.ends_with(".tf"));
        let text: String = files.map(|(_, content)| String::from_utf8_lossy(content)).collect();
        // Output that is part of a user's configuration needs one that uses it.
        let (place, config) = if text.contains("configuration_aliases") {
            (directory.path().join("cluster"), format!("{PROVIDERS}{MODULE}"))
        } else if text.contains("provider \"aws\" {") {
            (directory.path().to_owned(), String::new())
        } else {
            (directory.path().to_owned(), PROVIDERS.to_owned())
        };
        write(&out, &place);
        fs::write(directory.path().join("config.tf"), config).unwrap();
        terraform.assert_formatted(directory.path());
        if !terraform.validates(directory.path()) {
            return;
        }
    }
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
    for (case, layout) in
        [("leverage-dns", "split"), ("leverage-karpenter", "module"), ("own-bastion", "split"), ("own-ipv6", "module")]
    {
        let directory = tempfile::tempdir().unwrap();
        let out = in_layout(case, layout);
        if layout == "module" {
            write(&out, &directory.path().join("cluster"));
            fs::write(directory.path().join("config.tf"), format!("{PROVIDERS}{MODULE}")).unwrap();
        } else {
            write(&out, directory.path());
        }
        terraform.assert_formatted(directory.path());
        if !terraform.validates(directory.path()) {
            return;
        }
    }
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
            if name.contains("user_data") {
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
