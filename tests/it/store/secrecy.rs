//! Private material is in the store and nowhere else: not in output, errors, `--out` or files others can read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{kopsform, root, stderr, stdout};

const CLUSTER: &str = "k1.devstg.aws.example.com";

/// The example's cluster in a store of files, updated once.
struct Fixture {
    home: tempfile::TempDir,
    said: String,
}

impl Fixture {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut fixture = Self { home, said: String::new() };
        let rendered = fixture.path("cluster.yml");
        let rendered = rendered.to_str().unwrap();
        fixture.run(
            true,
            &["toolbox", "template", "--template", "cluster.yml", "--values", "outputs.json", "--out", rendered],
        );
        fixture.run(true, &["replace", "-f", rendered, "--force"]);
        fixture.run(true, &["create", "sshpublickey", "-i", "id_rsa.pub"]);
        fixture.update(true);
        fixture
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn cluster(&self, name: &str) -> PathBuf {
        self.path("state").join(CLUSTER).join(name)
    }

    fn command(&self) -> Command {
        let example = root().join("examples/leverage");
        let mut command = kopsform(self.home.path());
        command
            .current_dir(&example)
            .env("KOPS_STATE_STORE", format!("file://{}", self.path("state").display()))
            .env("KOPS_CLUSTER_NAME", CLUSTER)
            .env("KOPSFORM_LOCK", example.join("kopsform.lock"))
            .args(["-v", "10"]);
        command
    }

    /// Runs a command and keeps its output.
    fn run(&mut self, well: bool, args: &[&str]) -> Output {
        let output = self.command().args(args).output().unwrap();
        assert_eq!(output.status.success(), well, "{args:?}: {}\n{}", stdout(&output), stderr(&output));
        self.said.push_str(&stdout(&output));
        self.said.push_str(&stderr(&output));
        output
    }

    fn update(&mut self, well: bool) {
        let out = self.path("out");
        self.run(well, &["update", "cluster", "--target=terraform", "--offline", "--out", out.to_str().unwrap()]);
    }

    /// Every private key and secret in the store, in each form that could show up.
    fn private_material(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut keysets = Vec::new();
        walk(&self.cluster("pki/private"), &mut keysets);
        assert!(keysets.len() >= 8, "{keysets:?}");
        for path in keysets {
            let keyset: serde_json::Value =
                kopsform_yaml::from_str("", &std::fs::read_to_string(path).unwrap()).unwrap();
            for item in keyset["spec"]["keys"].as_array().unwrap() {
                let encoded = item["privateMaterial"].as_str().unwrap();
                found.extend(
                    encoded.as_bytes().chunks(60).skip(2).map(|part| String::from_utf8_lossy(part).into_owned()),
                );
                let pem = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
                found.extend(pem.lines().skip(2).filter(|line| line.len() == 64).map(str::to_owned));
            }
        }
        let mut secrets = Vec::new();
        walk(&self.cluster("secrets"), &mut secrets);
        assert!(secrets.len() >= 9, "{secrets:?}");
        for path in secrets {
            let secret: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let encoded = secret["Data"].as_str().unwrap();
            found.insert(encoded.to_owned());
            found.insert(String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap());
        }
        found
    }
}

fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap().filter_map(Result::ok) {
        match entry.path() {
            path if path.is_dir() => walk(&path, found),
            path => found.push(path),
        }
    }
}

#[test]
fn private_material_is_nowhere_but_in_the_store() {
    let mut fixture = Fixture::new();
    let rendered = fixture.path("cluster.yml").display().to_string();
    let secret = fixture.path("docker.json");
    std::fs::write(&secret, r#"{"auths": {"hunter2-registry": {}}}"#).unwrap();
    let malformed = fixture.path("malformed.json");
    std::fs::write(&malformed, "{hunter2-malformed").unwrap();
    for args in [
        &["get", "all", "-o", "yaml"][..],
        &["get", "all", "-o", "json"],
        &["get", "keypairs", "-o", "yaml"],
        &["get", "keypairs", "--distrusted"],
        &["get", "secrets"],
        &["get", "sshpublickeys", "-o", "json"],
        &["replace", "-f", &rendered, "--dry-run"],
        &["pki", "report"],
        &["create", "secret", "dockerconfig", "-f", secret.to_str().unwrap()],
        &["pki", "rotate", "--stage", "create"],
        &["pki", "rotate", "--stage", "promote"],
        &["pki", "rotate", "--stage", "distrust"],
        &["export", "kubeconfig", "--admin", "--internal"],
        &["state", "show"],
    ] {
        fixture.run(true, args);
    }
    fixture.run(false, &["create", "secret", "dockerconfig", "-f", secret.to_str().unwrap()]);
    fixture.run(false, &["create", "secret", "dockerconfig", "--force", "-f", malformed.to_str().unwrap()]);
    fixture.update(true);
    let mut private = fixture.private_material();

    // Damaged keysets and secrets are reported and not repeated.
    let keyset = fixture.cluster("pki/private/kubernetes-ca/keyset.yaml");
    let whole = std::fs::read_to_string(&keyset).unwrap();
    for damaged in [
        whole[..whole.len() / 2].to_owned(),
        whole.replace("privateMaterial: ", "privateMaterial: !!"),
        whole.replace("privateMaterial:", "privateMaterial: ["),
        whole.replace("spec:", "spec: {"),
    ] {
        std::fs::write(&keyset, damaged).unwrap();
        fixture.update(false);
        fixture.run(false, &["export", "kubeconfig", "--admin", "--internal"]);
        fixture.run(true, &["get", "keypairs"]);
        let out = fixture.path("out");
        fixture.run(
            false,
            &[
                "update",
                "cluster",
                "--target=terraform",
                "--offline",
                "--no-create-keys",
                "--out",
                out.to_str().unwrap(),
            ],
        );
    }
    std::fs::write(&keyset, &whole).unwrap();
    std::fs::write(fixture.cluster("secrets/dockerconfig"), "{\"Data\": hunter2-damaged}").unwrap();
    fixture.run(false, &["get", "secrets", "dockerconfig", "-o", "plaintext"]);

    let mut output = std::mem::take(&mut fixture.said);
    let mut files = Vec::new();
    walk(&fixture.path("out"), &mut files);
    assert!(files.len() > 10);
    for file in &files {
        output.push_str(&String::from_utf8_lossy(&std::fs::read(file).unwrap()));
    }
    private.extend(["hunter2-registry", "hunter2-malformed", "hunter2-damaged"].map(str::to_owned));
    assert!(private.len() > 100, "{} pieces are too few", private.len());
    for piece in &private {
        assert!(!output.contains(piece.as_str()), "{}… is in the output", &piece[..6]);
    }
    assert!(!output.contains("PRIVATE KEY"));
}

#[cfg(unix)]
#[test]
fn private_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut fixture = Fixture::new();
    fixture.run(true, &["export", "kubeconfig", "--admin", "--internal"]);
    let mut files = vec![fixture.path("kubeconfig")];
    walk(&fixture.cluster("pki/private"), &mut files);
    walk(&fixture.cluster("secrets"), &mut files);
    for file in files {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}: {mode:o}", file.display());
    }
}
