//! Credentials that cannot be used are reported before any request.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{kopsform, stderr};

const CONFIG: &str = "\
[profile base]
aws_access_key_id = AKIDBASE
aws_secret_access_key = secret
[profile chained]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = nope
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = deploy
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
[profile process]
credential_process = sh -c 'echo hunter2 >&2; exit 3'
";

/// A server that only counts connections.
fn counting() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    std::thread::spawn(move || listener.incoming().for_each(|_| _ = counted.fetch_add(1, Ordering::SeqCst)));
    (address, count)
}

/// The program with these profiles, where AWS and the machine's role are at an address.
fn program(home: &Path, address: &str, profile: &str) -> Command {
    let config = home.join("config");
    std::fs::write(&config, CONFIG).unwrap();
    let mut command = kopsform(home);
    command
        .env("AWS_CONFIG_FILE", config)
        .env("AWS_ENDPOINT_URL", address)
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        .env("AWS_PROFILE", profile);
    command
}

#[track_caller]
fn failed(output: &Output, parts: &[&str]) {
    let said = stderr(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is missing: {said}");
    }
}

#[test]
fn a_profile_that_cannot_be_used_ends_the_command_before_any_request() {
    let home = tempfile::tempdir().unwrap();
    let (address, connections) = counting();
    for (profile, parts) in [
        ("missing", &["the profile \"missing\", which AWS_PROFILE names, is not in", "hint: ", "list-profiles"][..]),
        ("chained", &["the source_profile \"nope\" of the profile \"chained\" is not in", "hint: "]),
        ("mfa", &["requires an MFA code (mfa_serial)", "hint: ", "export-credentials --profile mfa"]),
        ("sso", &["its SSO session has expired or was not started", "hint: run `aws sso login --profile sso`"]),
        ("process", &["its credential_process failed", "hint: "]),
    ] {
        for command in [
            &["get", "clusters", "--state", "s3://kops-state"][..],
            &["delete", "cluster", "--yes", "demo.example.com", "--state", "s3://kops-state"],
        ] {
            let output = program(home.path(), &address, profile).args(command).output().unwrap();
            failed(&output, parts);
            assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
        }
        // EC2, without a state store.
        let external = ["delete", "cluster", "--external", "--region", "eu-west-1", "--yes", "demo.example.com"];
        failed(&program(home.path(), &address, profile).args(external).output().unwrap(), &parts[..1]);
        assert_eq!(connections.load(Ordering::SeqCst), 0, "{profile}");
    }
    // The same by the variable that only some tools read.
    let mut command = program(home.path(), &address, "");
    command.env("AWS_DEFAULT_PROFILE", "missing").args(["get", "clusters", "--state", "s3://kops-state"]);
    failed(&command.output().unwrap(), &["which AWS_DEFAULT_PROFILE names"]);
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[test]
fn a_connection_that_fails_names_its_address() {
    let home = tempfile::tempdir().unwrap();
    let state = ["get", "clusters", "--state", "s3://kops-state"];
    let keys = [("S3_ACCESS_KEY_ID", "a"), ("S3_SECRET_ACCESS_KEY", "b")];
    // No one listens at the port for discarded packets.
    let refused = program(home.path(), "http://127.0.0.1:9", "base").args(state).output().unwrap();
    failed(&refused, &["no connection to http://127.0.0.1:9: "]);

    // A profile is not used with an endpoint of its own.
    let mut own = program(home.path(), "http://127.0.0.1:9", "missing");
    let own = own.env("S3_ENDPOINT", "http://127.0.0.1:9").envs(keys).args(state).output().unwrap();
    failed(&own, &["no connection to http://127.0.0.1:9: ", "hint: check that S3_ENDPOINT"]);
    let mut without_scheme = kopsform(home.path());
    let output = without_scheme.env("S3_ENDPOINT", "127.0.0.1:9").envs(keys).args(state).output().unwrap();
    failed(&output, &["no connection to https://127.0.0.1:9: ", "https:// was put in front", "http://127.0.0.1:9"]);
    let mut half = kopsform(home.path());
    let output = half.env("S3_ENDPOINT", "http://127.0.0.1:9").env(keys[0].0, keys[0].1).args(state).output().unwrap();
    failed(&output, &["S3_SECRET_ACCESS_KEY cannot be empty", "hint: S3_ENDPOINT is set"]);
}
