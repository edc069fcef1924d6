//! AWS clients: credentials, region, endpoint, retries and the assumed role.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::credentials::{Refusing, Source, explained};
use crate::request_log::RequestLog;
use kopsform_env::{self as env, Environment};

/// How many times a call is attempted before its error counts, as in kops.
pub const MAX_ATTEMPTS: u32 = 13;

/// The longest pause between two attempts of a call.
const MAX_BACKOFF: Duration = Duration::from_secs(20);

/// The region of calls that fail before they are sent.
const ANY_REGION: &str = "us-east-1";

/// Clients of every AWS service the program uses, all in one region. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Clients {
    config: SdkConfig,
}

/// A client of a service, whose requests are logged.
macro_rules! client {
    ($config:expr, $service:ident) => {
        $service::Client::from_conf($service::config::Builder::from($config).interceptor(RequestLog::aws()).build())
    };
}

impl Clients {
    /// Reads credentials and settings as every AWS tool does: environment, profiles, SSO, web identity, instance role.
    ///
    /// `AWS_ENDPOINT_URL` and its variants for single services redirect calls. `KOPS_AWS_ROLE_ARN` names a role for all
    /// calls. Without `region`, the environment or profile decides. No call is made yet, so there are no errors: the first
    /// call reports them, before it is sent if a profile that is named cannot be used.
    pub async fn load(environment: &Environment, region: Option<&str>) -> Self {
        let mut loader = base_loader();
        match crate::trust::http_client(environment) {
            Ok(Some(client)) => loader = loader.http_client(client),
            Ok(None) => {}
            // The call that needs the bundle fails on the server's certificate.
            Err(error) => tracing::warn!(target: "kopsform::aws", "{error}"),
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let config = match Source::find(environment).await {
            Ok(source) => {
                if let Some(profile) = source.profile() {
                    loader = loader.profile_name(profile);
                }
                explained(loader.load().await, source)
            }
            Err(problem) => {
                // Without the instance metadata service, which would be asked for a region.
                let region = region.or(environment.get(env::AWS_REGION)).unwrap_or(ANY_REGION).to_owned();
                loader.region(Region::new(region)).credentials_provider(Refusing(problem)).load().await
            }
        };
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

    pub fn autoscaling(&self) -> aws_sdk_autoscaling::Client {
        client!(&self.config, aws_sdk_autoscaling)
    }

    pub fn ec2(&self) -> aws_sdk_ec2::Client {
        client!(&self.config, aws_sdk_ec2)
    }

    /// Classic load balancers.
    pub fn elb(&self) -> aws_sdk_elasticloadbalancing::Client {
        client!(&self.config, aws_sdk_elasticloadbalancing)
    }

    /// Network and application load balancers.
    pub fn elbv2(&self) -> aws_sdk_elasticloadbalancingv2::Client {
        client!(&self.config, aws_sdk_elasticloadbalancingv2)
    }

    pub fn iam(&self) -> aws_sdk_iam::Client {
        client!(&self.config, aws_sdk_iam)
    }

    pub fn route53(&self) -> aws_sdk_route53::Client {
        client!(&self.config, aws_sdk_route53)
    }

    /// S3, with the bucket in the path where an endpoint is set: compatible servers rarely resolve bucket host names.
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let path_style = self.config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(path_style)
            .interceptor(RequestLog::aws())
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }

    pub fn sts(&self) -> aws_sdk_sts::Client {
        client!(&self.config, aws_sdk_sts)
    }
}

/// A loader with the retries and timeouts of all calls, for configurations that need credentials of their own.
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
