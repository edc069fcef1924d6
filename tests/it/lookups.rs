//! Lookups of facts against a simulated AWS.

use crate::store::proxy::{Fate, Proxy};
use crate::support::simulated_aws::SimulatedAws;
use crate::support::{stderr, succeed};

/// Writes the Terraform of a new cluster to `out`.
const CREATE: &str = "create cluster --name new.k8s.local --zones us-east-1a --kubernetes-version 1.36.0 \
                      --target terraform --out out";

#[test]
fn an_image_named_by_a_parameter_is_resolved() {
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    // The first call is throttled, and repeated.
    const THROTTLED: &str = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n\r\n\
                             {\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
    let proxy = Proxy::start(aws.address(), |_, number| match number {
        0 => Fate::Answer(THROTTLED),
        _ => Fate::Pass,
    });
    let mut create = aws.kopsform(home.path());
    create.env("AWS_ENDPOINT_URL_SSM", format!("http://{}", proxy.address));
    succeed(create.args(CREATE.split_whitespace()).args(["--image", "ssm:/images/noble"]));
    let terraform = std::fs::read_to_string(home.path().join("out/kubernetes.tf")).unwrap();
    assert!(terraform.contains("\"ami-x86_64\""), "{terraform}");

    let requests = proxy.requests();
    assert!(requests.len() >= 2, "{requests:?}");
    for request in &requests {
        assert!(request.head.contains("x-amz-target: amazonssm.getparameter"), "{request:?}");
        assert!(request.head.contains("/us-east-1/ssm/aws4_request"), "{request:?}");
    }
}

#[test]
fn a_missing_parameter_is_reported_with_its_code() {
    let Some(aws) = SimulatedAws::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut create = aws.kopsform(home.path());
    let output = create.args(CREATE.split_whitespace()).args(["--image", "ssm:/images/none"]).output().unwrap();
    let message = stderr(&output);
    assert!(!output.status.success());
    assert!(message.contains("image ssm:/images/none: ParameterNotFound"), "{message}");
    assert!(message.contains("hint: check the id or name, the region and the account"), "{message}");
}
