//! Log messages: what `-v` and `KOPSFORM_LOG` show, that stdout stays data, and that no secret is among them.

#[cfg(feature = "aws")]
use std::io::{Read as _, Write as _};
#[cfg(feature = "aws")]
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[cfg(feature = "aws")]
use crate::support::simulated_aws::{BUCKET, SimulatedAws};
use crate::support::{files, kopsform, root, stderr, stdout};

const CLUSTER: &str = "k1.devstg.aws.example.com";

/// A state store in files with the example's cluster, its keysets and its secrets.
struct Store(tempfile::TempDir);

impl Store {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let example = root().join("tests/project");
        let mut command = kopsform(self.0.path());
        command
            .current_dir(&example)
            .env("KOPS_STATE_STORE", format!("file://{}", self.path("state").display()))
            .env("KOPS_CLUSTER_NAME", CLUSTER)
            .env("KOPSFORM_LOCK", example.join("kopsform.lock"))
            .args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}\n{}", stdout(&output), stderr(&output));
        output
    }

    /// Renders the example's specs and stores them; returns the rendered file.
    fn fill(&self) -> String {
        let rendered = self.path("cluster.yml").display().to_string();
        self.run(&["toolbox", "template", "--template", "cluster.yml", "--values", "outputs.json", "--out", &rendered]);
        self.run(&["replace", "-f", &rendered, "--force"]);
        rendered
    }
}

/// Private keys, tokens and given secrets in a store, plain and as they are encoded there; keys in parts, because a log could
/// hold any of their lines.
fn private_material(cluster: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let keysets = files(&cluster.join("pki/private"));
    assert!(keysets.len() >= 8, "{:?}", keysets.keys());
    for content in keysets.into_values() {
        let keyset: serde_json::Value = kopsform_yaml::from_str("", &String::from_utf8(content).unwrap()).unwrap();
        for key in keyset["spec"]["keys"].as_array().unwrap() {
            let encoded = key["privateMaterial"].as_str().unwrap();
            // The first bytes are those of any key.
            found.extend(encoded.as_bytes().chunks(48).skip(2).map(|part| String::from_utf8(part.to_vec()).unwrap()));
            let pem = String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap();
            found.extend(pem.lines().skip(2).filter(|line| line.len() == 64).map(str::to_owned));
        }
    }
    let secrets = files(&cluster.join("secrets"));
    assert!(secrets.len() >= 9, "{:?}", secrets.keys());
    for content in secrets.into_values() {
        let secret: serde_json::Value = serde_json::from_slice(&content).unwrap();
        let encoded = secret["Data"].as_str().unwrap();
        found.push(encoded.to_owned());
        found.push(String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap());
    }
    found.retain(|piece| piece.len() >= 16);
    found
}

#[test]
fn nothing_secret_is_logged() {
    let store = Store(tempfile::tempdir().unwrap());
    let given = store.path("docker.json");
    std::fs::write(&given, r#"{"auths": {"registry": {"auth": "given-secret-of-a-registry"}}}"#).unwrap();
    let given = given.to_str().unwrap();
    let rendered = store.fill();
    let out = store.path("out").display().to_string();
    let mut output = String::new();
    for args in [
        &["create", "sshpublickey", "-i", "id_rsa.pub"][..],
        &["create", "secret", "dockerconfig", "-f", given],
        &["update", "cluster", "--target", "terraform", "--offline", "--out", &out],
        &["create", "secret", "dockerconfig", "--force", "-f", given],
        &["create", "keypair", "all"],
        &["promote", "keypair", "all"],
        &["distrust", "keypair", "all"],
        &["replace", "-f", &rendered],
        &["get", "keypairs", "--distrusted", "-o", "json"],
        &["get", "secrets"],
        &["get", "all", "-o", "yaml"],
        &["export", "kubeconfig", "--admin", "--internal"],
        &["pki", "report"],
        &["update", "cluster", "--target", "terraform", "--offline", "--out", &out],
    ] {
        let mut command = store.command(args);
        let result = command.args(["-v", "10"]).env("KOPSFORM_LOG", "").output().unwrap();
        assert!(result.status.success(), "{args:?}: {}\n{}", stdout(&result), stderr(&result));
        assert!(stderr(&result).contains(" DEBUG command{name="), "{args:?} logs nothing: {}", stderr(&result));
        output.push_str(&stdout(&result));
        output.push_str(&stderr(&result));
    }
    let mut private = private_material(&store.path("state").join(CLUSTER));
    private.push("given-secret-of-a-registry".to_owned());
    assert!(private.len() > 100, "{}", private.len());
    for piece in &private {
        assert!(!output.contains(piece.as_str()), "{}… is in the output", &piece[..6]);
    }
    assert!(!output.contains("PRIVATE KEY"));
}

/// The objects of the state store with the prefix, from the simulated AWS, written to files.
#[cfg(feature = "aws")]
fn download(aws: &SimulatedAws, prefix: &str, into: &Path) {
    let get = |path: &str| {
        let mut stream = TcpStream::connect(aws.address()).unwrap();
        // The simulator looks for a signature and does not check it.
        let signature = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, Signature=0";
        let host = aws.address();
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: {signature}\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    let listed = get(&format!("/{BUCKET}?list-type=2&prefix={prefix}"));
    for key in listed.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0) {
        let path = into.join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, get(&format!("/{BUCKET}/{key}"))).unwrap();
    }
}

#[cfg(feature = "aws")]
#[test]
fn nothing_secret_is_logged_by_commands_that_use_aws() {
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let name = "new.k8s.local";
    let given = home.path().join("docker.json");
    std::fs::write(&given, r#"{"auths": {"registry": {"auth": "given-secret-of-a-registry"}}}"#).unwrap();
    let given = given.to_str().unwrap();
    let mut output = String::new();
    for args in [
        &[
            "create",
            "cluster",
            "--zones",
            "us-east-1a",
            "--kubernetes-version",
            "1.36.0",
            "--image",
            "ssm:/images/noble",
        ][..],
        &["create", "secret", "dockerconfig", "-f", given],
        &["create", "keypair", "all"],
        &["update", "cluster", "--target", "terraform", "--out", "out"],
        &["get", "all", "-o", "yaml"],
        &["get", "secrets"],
        &["export", "kubeconfig", "--admin"],
    ] {
        let mut command = aws.kopsform(home.path());
        command.args(args).args(["--name", name, "-v", "10"]).env("AWS_SECRET_ACCESS_KEY", "given-secret-access-key");
        let result = command.env("AWS_SESSION_TOKEN", "given-session-token").output().unwrap();
        assert!(result.status.success(), "{args:?}: {}\n{}", stdout(&result), stderr(&result));
        output.push_str(&stdout(&result));
        output.push_str(&stderr(&result));
    }
    assert!(output.contains("TRACE") && output.contains("service=\"S3\""), "requests are logged: {output}");
    assert!(output.contains("Name=/images/noble"), "{output}");
    let store = home.path().join("downloaded");
    download(&aws, name, &store);
    let mut private = private_material(&store.join(name));
    private.extend(
        ["given-secret-of-a-registry", "given-secret-access-key", "given-session-token", "PRIVATE KEY", "Signature="]
            .map(str::to_owned),
    );
    assert!(private.len() > 100, "{}", private.len());
    for piece in &private {
        assert!(!output.contains(piece.as_str()), "{}… is in the output", &piece[..6]);
    }
}

#[cfg(feature = "aws")]
#[test]
fn a_store_in_s3_logs_each_operation_once() {
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let create = "create cluster --name new.k8s.local --zones us-east-1a --kubernetes-version 1.36.0";
    crate::support::succeed(aws.kopsform(home.path()).args(create.split_whitespace()));
    let log = |verbosity: &str| {
        let mut command = aws.kopsform(home.path());
        stderr(&crate::support::succeed(command.args(["get", "cluster", "new.k8s.local", "-v", verbosity])))
    };
    let (requests, bodies) = (log("2"), log("4"));
    let reads = |log: &str| log.lines().filter(|line| line.contains("new.k8s.local/config")).count();
    assert_eq!(reads(&requests), 1, "{requests}");
    assert!(!requests.contains("service=\"S3\""), "{requests}");
    assert!(bodies.contains("TRACE") && bodies.contains("service=\"S3\""), "{bodies}");
}

#[cfg(feature = "aws")]
#[test]
fn timings_list_the_requests_that_a_command_waited_for() {
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let run = |arguments: &str| crate::support::succeed(aws.kopsform(home.path()).args(arguments.split_whitespace()));
    run("create cluster new.k8s.local --zones us-east-1a --kubernetes-version 1.36.0");
    let (plain, timed) = (run("get cluster new.k8s.local"), run("get cluster new.k8s.local --timings"));
    assert_eq!(stdout(&plain), stdout(&timed));
    let report = stderr(&timed).replace(&stderr(&plain), "");
    let lines: Vec<&str> = report.lines().collect();
    assert!(lines[0].starts_with("1 request in ") && lines[0].contains("; critical path: 1 request, "), "{report}");
    assert!(lines[2].ends_with("  S3 GetObject /state/new.k8s.local/config"), "{report}");
    assert_eq!(lines.len(), 3, "{report}");
}

#[test]
fn logging_leaves_stdout_alone() {
    let store = Store(tempfile::tempdir().unwrap());
    store.fill();
    for args in [&["get", "all"][..], &["get", "clusters", "-o", "json"], &["get", "ig", "-o", "yaml"], &["version"]] {
        let quiet = store.run(args);
        let verbose = store.run(&[args, &["-v", "10"]].concat());
        assert_eq!(stdout(&quiet), stdout(&verbose), "{args:?}");
        assert!(!stderr(&quiet).contains("DEBUG"), "{args:?}: {}", stderr(&quiet));
        assert!(stderr(&verbose).contains(" finished code=Done"), "{args:?}: {}", stderr(&verbose));
    }
}

#[test]
fn messages_name_the_command_the_cluster_and_the_time() {
    let store = Store(tempfile::tempdir().unwrap());
    store.fill();
    let log = stderr(&store.run(&["get", "all", "-v=2"]));
    let line = log.lines().find(|line| line.contains("finished")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains(&format!("DEBUG command{{name=\"get all\" cluster=\"{CLUSTER}\"}}: kopsform")), "{line}");
    let (time, _) = line.split_once(' ').unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
}

#[test]
fn a_filter_overrides_the_verbosity() {
    let store = Store(tempfile::tempdir().unwrap());
    store.fill();
    let log = |filter: &str, verbosity: &str| {
        let output = store.command(&["get", "all", "-v", verbosity]).env("KOPSFORM_LOG", filter).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stderr(&output)
    };
    assert!(log("debug", "0").contains(" finished code=Done"));
    assert!(!log("kopsform=warn", "10").contains("finished"));
    let malformed = store.command(&["get", "all"]).env("KOPSFORM_LOG", "kopsform=loud").output().unwrap();
    assert_eq!(malformed.status.code(), Some(1));
    assert!(stderr(&malformed).contains("error: KOPSFORM_LOG: "), "{}", stderr(&malformed));
    assert!(stderr(&malformed).contains("hint: "), "{}", stderr(&malformed));
}

/// `head` closes the pipe: the command has succeeded. A full disk loses data: it has failed.
#[cfg(target_os = "linux")]
#[test]
fn lost_output_is_an_error_and_a_closed_pipe_is_not() {
    let home = tempfile::tempdir().unwrap();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = kopsform(home.path()).args(["schema", "cluster"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write to standard output"), "{}", stderr(&output));

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = kopsform(home.path()).args(["schema", "cluster"]).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()));
}
