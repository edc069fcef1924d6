//! Errors of S3 are reported with its message and a hint.

use super::moto::settings;
use super::proxy::{Fate, Proxy};
use crate::support::{kopsform, stderr};

/// An answer of S3.
macro_rules! answer {
    ($status:literal, $headers:literal, $code:literal, $message:literal) => {
        concat!(
            "HTTP/1.1 ",
            $status,
            " X\r\nContent-Type: application/xml\r\n",
            $headers,
            "Connection: close\r\n\r\n",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>",
            $code,
            "</Code><Message>",
            $message,
            "</Message><RequestId>1</RequestId></Error>"
        )
    };
}

/// The stderr of the program when all its requests get an answer.
fn stderr_for(answer: &'static str) -> String {
    let proxy = Proxy::start("127.0.0.1:9", move |_, _| Fate::Answer(answer));
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    command.envs(settings(&proxy.address)).args(["get", "cluster", "demo.example.com", "--state", "s3://the-bucket"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    stderr(&output)
}

#[test]
fn each_error_has_its_hint() {
    for (answer, parts) in [
        (
            answer!("403", "", "AccessDenied", "Access Denied"),
            &["cannot read s3://the-bucket/demo.example.com/config: Access Denied (AccessDenied)", "hint: ", "policy"]
                [..],
        ),
        (
            answer!("404", "", "NoSuchBucket", "The specified bucket does not exist"),
            &["The specified bucket does not exist (NoSuchBucket)", "must exist"],
        ),
        (
            answer!("403", "", "RequestTimeTooSkewed", "The difference between the times is too large."),
            &["(RequestTimeTooSkewed)", "clock"],
        ),
        // The store has an endpoint of its own, so the hints name the variables that apply to it.
        (
            answer!("400", "", "ExpiredToken", "The provided token has expired."),
            &["(ExpiredToken)", "S3_SECRET_ACCESS_KEY"],
        ),
        (
            answer!("403", "", "InvalidAccessKeyId", "The AWS Access Key Id does not exist"),
            &["(InvalidAccessKeyId)", "S3_ACCESS_KEY_ID"],
        ),
        (
            answer!("400", "", "IllegalLocationConstraintException", "The region is wrong"),
            &["(IllegalLocationConstraintException)", "S3_REGION"],
        ),
    ] {
        let said = stderr_for(answer);
        for part in parts {
            assert!(said.contains(part), "{part:?} is missing: {said}");
        }
        assert!(!said.contains("SdkError") && !said.contains("ServiceError"), "{said}");
        assert!(!said.contains("AWS_"), "a variable that has no effect: {said}");
    }
}

#[test]
fn missing_credentials_are_reported() {
    let proxy = Proxy::start("127.0.0.1:9", |_, _| Fate::Refuse(500));
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    command
        .env("AWS_ENDPOINT_URL", format!("http://{}", proxy.address))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .args(["get", "cluster", "demo.example.com", "--state", "s3://the-bucket"]);
    let said = stderr(&command.output().unwrap());
    assert!(said.contains("no usable AWS credentials were found"), "{said}");
    assert!(said.contains("hint: ") && said.contains("AWS_PROFILE"), "{said}");
}

#[test]
fn a_missing_server_is_reported() {
    let home = tempfile::tempdir().unwrap();
    let mut command = kopsform(home.path());
    // No one listens at the port for discarded packets.
    command.envs(settings("127.0.0.1:9")).args(["get", "cluster", "demo.example.com", "--state", "s3://the-bucket"]);
    let began = std::time::Instant::now();
    let said = stderr(&command.output().unwrap());
    assert!(said.contains("no connection to http://127.0.0.1:9: ") && said.contains("efused"), "{said}");
    assert!(said.contains("; trying again (attempt 4 of "), "the wait is explained: {said}");
    assert!(began.elapsed().as_secs() < 60, "retries are bounded");
}
