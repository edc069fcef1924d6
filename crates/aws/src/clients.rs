//! The one place that makes AWS clients: credentials, region, endpoint, retries and the assumed role.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use kopsform_env::{self as env, Environment};

/// How often a call is made before its error counts. kops asks the SDK for as many.
pub const MAX_ATTEMPTS: u32 = 13;

/// The longest pause between two attempts of a call.
const MAX_BACKOFF: Duration = Duration::from_secs(20);

/// Clients of every AWS service the program uses, all in one region. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Clients {
    config: SdkConfig,
}

impl Clients {
    /// Reads credentials and settings the way every AWS tool does: environment, profiles, SSO, web identity, instance role.
    ///
    /// `AWS_ENDPOINT_URL` and its variants for single services redirect calls. `KOPS_AWS_ROLE_ARN` names a role that all
    /// calls are made as. Without `region`, the environment or profile decides. Nothing is called yet, so there are no
    /// errors either: the first call reports them.
    pub async fn load(environment: &Environment, region: Option<&str>) -> Self {
        let mut loader = base_loader();
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let config = loader.load().await;
        let Some(role) = environment.get(env::KOPS_AWS_ROLE_ARN) else {
            return Self { config };
        };
        let provider = AssumeRoleProvider::builder(role).session_name("kopsform").configure(&config).build().await;
        let config = config
            .into_builder()
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(provider))
            .build();
        Self { config }
    }

    /// The settings all clients share, for services that have no accessor here.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }

    /// The region, if one is known.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(Region::as_ref)
    }

    /// Auto Scaling.
    pub fn autoscaling(&self) -> aws_sdk_autoscaling::Client {
        aws_sdk_autoscaling::Client::new(&self.config)
    }

    /// EC2.
    pub fn ec2(&self) -> aws_sdk_ec2::Client {
        aws_sdk_ec2::Client::new(&self.config)
    }

    /// Classic load balancers.
    pub fn elb(&self) -> aws_sdk_elasticloadbalancing::Client {
        aws_sdk_elasticloadbalancing::Client::new(&self.config)
    }

    /// Network and application load balancers.
    pub fn elbv2(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        aws_sdk_elasticloadbalancingv2::Client::new(&self.config)
    }

    /// IAM.
    pub fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    /// Route 53.
    pub fn route53(&self) -> aws_sdk_route53::Client {
        aws_sdk_route53::Client::new(&self.config)
    }

    /// S3, with the bucket in the path where an endpoint is set: servers other than AWS rarely resolve it in the host name.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let path_style = self.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(path_style).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// Systems Manager, for image aliases.
    pub fn ssm(&self) -> aws_sdk_ssm::Client {
        aws_sdk_ssm::Client::new(&self.config)
    }

    /// Security Token Service.
    pub fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config)
    }
}

/// A loader with the retries and time limits of all calls, for configurations that need credentials of their own.
pub fn base_loader() -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(MAX_ATTEMPTS)
                .with_initial_backoff(Duration::from_millis(500))
                .with_max_backoff(MAX_BACKOFF),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(10))
                .operation_attempt_timeout(Duration::from_secs(120))
                .build(),
        )
}
