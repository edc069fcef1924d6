//! Load balancers, network and classic.

use crate::block::{Block, Body};
use crate::layout::LOAD_BALANCERS_FILE;
use kopsform_model::In;
use kopsform_model::aws::resources::{ClassicLoadBalancer, Listener, NetworkLoadBalancer, TargetGroup};

impl Block for NetworkLoadBalancer {
    const TYPE: &'static str = "aws_lb";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        let security_groups = body.sorted(self.security_groups.iter().cloned());
        body.blocks("access_logs", &self.access_log, |log, body| {
            body.set("bucket", &log.bucket).set("enabled", true).set("prefix", &log.prefix);
        })
        .set("enable_cross_zone_load_balancing", self.cross_zone)
        .set("internal", self.internal)
        .set("ip_address_type", self.dual_stack.then_some("dualstack"))
        .set("load_balancer_type", "network")
        .set("name", &self.name)
        .set("security_groups", security_groups)
        .blocks("subnet_mapping", &self.subnets, |mapping, body| {
            body.set("allocation_id", &mapping.address)
                .set("private_ipv4_address", &mapping.private_ipv4)
                .set("subnet_id", &mapping.subnet);
        })
        .set("tags", &self.tags);
    }
}

impl Block for Listener {
    const TYPE: &'static str = "aws_lb_listener";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("certificate_arn", self.tls.as_ref().map(|tls| &tls.certificate))
            .block("default_action", |body| {
                body.set("target_group_arn", &self.target_group).set("type", "forward");
            })
            .set("load_balancer_arn", &self.load_balancer)
            .set("port", self.port)
            .set("protocol", if self.tls.is_some() { "TLS" } else { "TCP" })
            .set("ssl_policy", self.tls.as_ref().map(|tls| &tls.policy));
    }
}

impl Block for TargetGroup {
    const TYPE: &'static str = "aws_lb_target_group";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        let check = &self.health_check;
        // kops writes these two as strings.
        body.set("connection_termination", self.connection_termination.to_string())
            .set("deregistration_delay", self.deregistration_delay.to_string())
            .block("health_check", |body| {
                body.set("healthy_threshold", check.healthy_threshold)
                    .set("interval", check.interval)
                    .set("path", &check.https_path)
                    .set("protocol", if check.https_path.is_some() { "HTTPS" } else { "TCP" })
                    .set("unhealthy_threshold", check.unhealthy_threshold);
            })
            .set("name", &self.name)
            .set("port", self.port)
            .set("protocol", self.protocol.as_str())
            .set("tags", &self.tags)
            .set("vpc_id", &self.vpc);
    }
}

impl Block for ClassicLoadBalancer {
    const TYPE: &'static str = "aws_elb";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        let (listener, check) = (&self.listener, &self.health_check);
        let protocol = if listener.certificate.is_some() { "SSL" } else { "TCP" };
        let security_groups = body.sorted(self.security_groups.iter().cloned());
        let subnets = body.sorted(self.subnets.iter().cloned().map(In::Node));
        body.blocks("access_logs", &self.access_log, |log, body| {
            body.set("bucket", &log.bucket)
                .set("bucket_prefix", &log.prefix)
                .set("enabled", true)
                .set("interval", log.interval);
        })
        .set("connection_draining", true)
        .set("connection_draining_timeout", self.connection_draining_timeout)
        .set("cross_zone_load_balancing", self.cross_zone)
        .block("health_check", |body| {
            body.set("healthy_threshold", check.healthy_threshold)
                .set("interval", check.interval)
                .set("target", &check.target)
                .set("timeout", check.timeout)
                .set("unhealthy_threshold", check.unhealthy_threshold);
        })
        .set("idle_timeout", self.idle_timeout)
        .set("internal", self.internal.then_some(true))
        .block("listener", |body| {
            body.set("instance_port", listener.port)
                .set("instance_protocol", protocol)
                .set("lb_port", listener.port)
                .set("lb_protocol", protocol)
                .set("ssl_certificate_id", &listener.certificate);
        })
        .set("name", &self.name)
        .set("security_groups", security_groups)
        .set("subnets", subnets)
        .set("tags", &self.tags);
    }
}
