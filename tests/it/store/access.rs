//! Access to S3: profiles, roles, web identity, ACLs, encryption, regions, versions.

use std::path::Path;
use std::process::Command;

use super::moto::{Moto, moto, request, settings, state_store};
use super::proxy::{Fate, Proxy, Request};
use super::specs::{NAME, group, in_depth, store, whole};
use crate::support::{kopsform, stdout, succeed};

/// A bucket that holds a cluster.
async fn filled(moto: &Moto) -> String {
    let bucket = moto.bucket();
    store(&state_store(&moto.address, &bucket), &whole(1, 1)).await.unwrap();
    bucket
}

/// The program with AWS at an address, without credentials.
fn program(home: &Path, address: &str, bucket: &str) -> Command {
    let mut command = kopsform(home);
    command
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .env("KOPS_STATE_STORE", format!("s3://{bucket}"));
    command
}

/// The number of requests that assume a role.
fn role_requests(requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.method == "POST" && request.path == "/").count()
}

#[test]
fn credentials_come_from_every_source() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = filled(moto).await;
        let home = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = home.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let role = "arn:aws:iam::123456789012:role/state";
        let config = file("config", &format!("[profile jane]\nrole_arn = {role}\nsource_profile = base\n"));
        let keys = file("keys", "[base]\naws_access_key_id = test\naws_secret_access_key = test\n");
        let token = file("token", "e30.e30.e30");
        let keys_alone = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let foreign = [keys_alone[0], keys_alone[1], ("KOPS_AWS_ROLE_ARN", role)];
        let profile = [("AWS_SHARED_CREDENTIALS_FILE", keys.as_str()), ("AWS_PROFILE", "base")];
        let assumed = [profile[0], ("AWS_CONFIG_FILE", config.as_str()), ("AWS_PROFILE", "jane")];
        let web = [("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()), ("AWS_ROLE_ARN", role)];
        for (what, variables, roles) in [
            ("keys", &keys_alone[..], 0),
            ("a role for other services", &foreign[..], 0),
            ("a profile", &profile[..], 0),
            ("a profile with a role", &assumed[..], 1),
            ("web identity", &web[..], 1),
        ] {
            let proxy = Proxy::passing(&moto.address);
            let mut command = program(home.path(), &proxy.address, &bucket);
            let output = succeed(command.envs(variables.iter().copied()).args(["get", "cluster", NAME]));
            assert!(stdout(&output).contains(NAME), "{what}");
            assert_eq!(role_requests(&proxy.requests()), roles, "{what}");
            assert_eq!(proxy.requests().len(), 1 + roles, "{what}");
        }
    });
}

#[test]
fn a_bucket_in_another_region_takes_one_more_request() {
    in_depth(async || {
        const ELSEWHERE: &str = "HTTP/1.1 301 Moved\r\nx-amz-bucket-region: eu-west-1\r\nContent-Type: application/xml\r\n\
        Connection: close\r\n\r\n<?xml version=\"1.0\"?>\n<Error><Code>PermanentRedirect</Code><Message>elsewhere\
        </Message></Error>";
        let Some(moto) = moto() else { return };
        let bucket = filled(moto).await;
        let proxy = Proxy::start(&moto.address, |request, _| match request.head.contains("/us-east-1/s3/") {
            true => Fate::Answer(ELSEWHERE),
            false => Fate::Pass,
        });
        let home = tempfile::tempdir().unwrap();
        let mut command = program(home.path(), &proxy.address, &bucket);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        let output = succeed(command.args(["get", "cluster", NAME]));
        assert!(stdout(&output).contains(NAME));
        let requests = proxy.requests();
        assert_eq!(requests.len(), 2, "{requests:?}");
        assert!(requests[1].head.contains("/eu-west-1/s3/"), "{requests:?}");
    });
}

#[test]
fn writes_have_the_headers_the_bucket_needs() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("group.yml");
        let encryption = "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
        <ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>mine</KMSMasterKeyID>\
        </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
        let versioning = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status>\
        </VersioningConfiguration>";
        for (has_default, acl) in [(false, None), (true, None), (true, Some("bucket-owner-full-control"))] {
            let bucket = filled(moto).await;
            let answer = request(&moto.address, "PUT", &format!("/{bucket}?versioning"), versioning);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            if has_default {
                let answer = request(&moto.address, "PUT", &format!("/{bucket}?encryption"), encryption);
                assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            }
            let proxy = Proxy::passing(&moto.address);
            for size in [2, 3] {
                std::fs::write(&file, group("nodes-000", "Node", size)).unwrap();
                let mut command = kopsform(home.path());
                command.envs(settings(&proxy.address)).env("KOPS_STATE_STORE", format!("s3://{bucket}"));
                command.envs(acl.map(|acl| ("KOPS_STATE_S3_ACL", acl)));
                succeed(command.args(["replace", "-f"]).arg(&file));
            }
            let requests = proxy.requests();
            let writes: Vec<_> = requests.iter().filter(|request| request.method == "PUT").collect();
            // The lock and the group, twice.
            assert_eq!(writes.len(), 4, "{requests:?}");
            for write in writes {
                // A header would override the bucket's own key.
                assert_eq!(write.head.contains("x-amz-server-side-encryption: aes256"), !has_default, "{}", write.head);
                assert_eq!(
                    write.head.contains("x-amz-acl: bucket-owner-full-control"),
                    acl.is_some(),
                    "{}",
                    write.head
                );
                let conditional = write.head.contains("if-match:") || write.head.contains("if-none-match: *");
                assert!(conditional, "{}", write.head);
            }
            let versions = request(&moto.address, "GET", &format!("/{bucket}?versions"), "");
            assert_eq!(versions.matches("/instancegroup/nodes-000</Key>").count(), 3, "{versions}");
        }
    });
}
