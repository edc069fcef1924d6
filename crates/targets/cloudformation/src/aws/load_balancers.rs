//! Load balancers, network and classic.

use serde_json::{Value, json};

use super::network::after_gateways;
use crate::declare::{Declare, IdBy};
use crate::resource::Stack;
use crate::site::Site;
use kopsform_model::aws::resources::{AccessLog, ClassicLoadBalancer, Listener, NetworkLoadBalancer, TargetGroup};

fn scheme(internal: bool) -> &'static str {
    if internal { "internal" } else { "internet-facing" }
}

/// Attributes as a list of keys and values.
fn attributes(of: impl IntoIterator<Item = (&'static str, String)>) -> Value {
    of.into_iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

impl Declare for NetworkLoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    const PREFIX: &'static str = "LoadBalancer";
    const STACK: Stack = Stack::LoadBalancers;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            let mut settings = vec![];
            if let Some(log) = &self.access_log {
                settings.push(("access_logs.s3.bucket", log.bucket.clone()));
                settings.push(("access_logs.s3.enabled", "true".to_owned()));
                settings.extend(log.prefix.iter().map(|prefix| ("access_logs.s3.prefix", prefix.clone())));
            }
            settings.push(("load_balancing.cross_zone.enabled", self.cross_zone.to_string()));
            let subnets: Vec<_> = self
                .subnets
                .iter()
                .map(|mapping| {
                    body.object([
                        ("AllocationId", &mapping.address as _),
                        ("PrivateIPv4Address", &mapping.private_ipv4 as _),
                        ("SubnetId", &mapping.subnet as _),
                    ])
                })
                .collect();
            body.set("IpAddressType", if self.dual_stack { "dualstack" } else { "ipv4" })
                .set("LoadBalancerAttributes", attributes(settings))
                .set("Name", &self.name)
                .set("Scheme", scheme(self.internal))
                .set("SecurityGroups", &self.security_groups)
                .set("SubnetMappings", subnets)
                .set("Tags", &self.tags)
                .set("Type", "network");
            if !self.internal {
                after_gateways(body);
            }
        });
    }
}

impl Declare for Listener {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::Listener";
    const PREFIX: &'static str = "Listener";
    const STACK: Stack = Stack::LoadBalancers;

    fn declare(&self, site: &mut Site<'_>) {
        site.resource(|body| {
            let action = json!({ "TargetGroupArn": body.value(&self.target_group), "Type": "forward" });
            let certificates = self.tls.as_ref().map(|tls| json!([{ "CertificateArn": tls.certificate }]));
            body.set("Certificates", certificates)
                .set("DefaultActions", vec![action])
                .set("LoadBalancerArn", &self.load_balancer)
                .set("Port", self.port)
                .set("Protocol", if self.tls.is_some() { "TLS" } else { "TCP" })
                .set("SslPolicy", self.tls.as_ref().map(|tls| &tls.policy));
        });
    }
}

impl Declare for TargetGroup {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::TargetGroup";
    const PREFIX: &'static str = "TargetGroup";
    const STACK: Stack = Stack::LoadBalancers;

    fn declare(&self, site: &mut Site<'_>) {
        let check = &self.health_check;
        site.resource(|body| {
            let settings = [
                ("deregistration_delay.connection_termination.enabled", self.connection_termination.to_string()),
                ("deregistration_delay.timeout_seconds", self.deregistration_delay.to_string()),
            ];
            body.set("HealthCheckIntervalSeconds", check.interval)
                .set("HealthCheckPath", &check.https_path)
                .set("HealthCheckProtocol", if check.https_path.is_some() { "HTTPS" } else { "TCP" })
                .set("HealthyThresholdCount", check.healthy_threshold)
                .set("Name", &self.name)
                .set("Port", self.port)
                .set("Protocol", self.protocol.as_str())
                .set("Tags", &self.tags)
                .set("TargetGroupAttributes", attributes(settings))
                .set("UnhealthyThresholdCount", check.unhealthy_threshold)
                .set("VpcId", &self.vpc);
        });
    }
}

impl Declare for ClassicLoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancing::LoadBalancer";
    const PREFIX: &'static str = "ClassicLoadBalancer";
    const STACK: Stack = Stack::LoadBalancers;
    const ID: IdBy = IdBy::Ref;

    fn declare(&self, site: &mut Site<'_>) {
        let (listener, check) = (&self.listener, &self.health_check);
        let protocol = if listener.certificate.is_some() { "SSL" } else { "TCP" };
        site.resource(|body| {
            // Ports and health numbers are strings in this type.
            let port = listener.port.to_string();
            let mut ports = json!({
                "InstancePort": port, "InstanceProtocol": protocol, "LoadBalancerPort": port, "Protocol": protocol,
            });
            if let Some(certificate) = &listener.certificate {
                ports["SSLCertificateId"] = certificate.as_str().into();
            }
            let health = json!({
                "HealthyThreshold": check.healthy_threshold.to_string(),
                "Interval": check.interval.to_string(),
                "Target": check.target,
                "Timeout": check.timeout.to_string(),
                "UnhealthyThreshold": check.unhealthy_threshold.to_string(),
            });
            let draining = json!({ "Enabled": true, "Timeout": self.connection_draining_timeout });
            body.set("AccessLoggingPolicy", self.access_log.as_ref().map(access_log))
                .set("ConnectionDrainingPolicy", draining)
                .set("ConnectionSettings", json!({ "IdleTimeout": self.idle_timeout }))
                .set("CrossZone", self.cross_zone)
                .set("HealthCheck", health)
                .set("Listeners", vec![ports])
                .set("LoadBalancerName", &self.name)
                .set("Scheme", scheme(self.internal))
                .set("SecurityGroups", &self.security_groups)
                .set("Subnets", &self.subnets)
                .set("Tags", &self.tags);
            if !self.internal {
                after_gateways(body);
            }
        });
    }
}

fn access_log(log: &AccessLog) -> Value {
    let mut value = json!({ "Enabled": true, "S3BucketName": log.bucket });
    if let Some(prefix) = &log.prefix {
        value["S3BucketPrefix"] = prefix.as_str().into();
    }
    if log.interval > 0 {
        value["EmitInterval"] = log.interval.into();
    }
    value
}
