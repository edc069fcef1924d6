//! Load balancers: network (`aws_lb`) and classic (`aws_elb`).

use super::Tags;
use super::define::{block, resource};
use crate::value::Input;

resource! {
    /// A network load balancer.
    LoadBalancer("aws_lb", "NetworkLoadBalancer") {
        /// Where connections are logged.
        access_logs: Option<LoadBalancerAccessLogs>,
        /// Whether it balances across zones.
        enable_cross_zone_load_balancing: bool,
        /// Whether it is reachable from inside the VPC only.
        internal: bool,
        /// `dualstack`, or nothing for IPv4.
        ip_address_type: Option<String>,
        /// Always `network`.
        load_balancer_type: String,
        /// Its name, at most 32 characters.
        name: String,
        /// Its security groups, sorted.
        security_groups: Vec<Input>,
        /// Where it stands.
        subnet_mapping: Vec<SubnetMapping>,
        /// Tags.
        tags: Tags,
    }
}

block! {
    /// The log of a network load balancer.
    LoadBalancerAccessLogs {
        /// The bucket.
        bucket: String,
        /// Whether anything is written.
        enabled: bool,
        /// The start of the keys.
        prefix: Option<String>,
    }
}

block! {
    /// A subnet of a load balancer, with its address there.
    SubnetMapping {
        /// A fixed public address.
        allocation_id: Option<Input>,
        /// A fixed private address.
        private_ipv4_address: Option<String>,
        /// The subnet.
        subnet_id: Input,
    }
}

resource! {
    /// A port of a network load balancer.
    LoadBalancerListener("aws_lb_listener", "NetworkLoadBalancerListener") {
        /// The certificate shown to clients.
        certificate_arn: Option<String>,
        /// What happens to connections.
        default_action: ListenerAction,
        /// The load balancer.
        load_balancer_arn: Input,
        /// The port.
        port: i64,
        /// `TCP`, or `TLS` with a certificate.
        protocol: String,
        /// The set of TLS versions and ciphers.
        ssl_policy: Option<String>,
    }
}

block! {
    /// Hands connections to a target group.
    ListenerAction {
        /// The target group.
        target_group_arn: Input,
        /// Always `forward`.
        r#type: String,
    }
}

resource! {
    /// Where a network load balancer's connections go.
    LoadBalancerTargetGroup("aws_lb_target_group", "TargetGroup") {
        /// Whether connections are cut when a target leaves, as a text.
        connection_termination: String,
        /// Seconds until a leaving target is gone, as a text.
        deregistration_delay: String,
        /// When a target is healthy.
        health_check: TargetGroupHealthCheck,
        /// Its name, at most 32 characters.
        name: String,
        /// The port on the targets.
        port: i64,
        /// `TCP` or `TLS`.
        protocol: String,
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

block! {
    /// How a target group finds out whether a target works.
    TargetGroupHealthCheck {
        /// Successes in a row until a target counts as healthy.
        healthy_threshold: i64,
        /// Seconds between two checks.
        interval: i64,
        /// The path asked for over HTTP or HTTPS.
        path: Option<String>,
        /// `TCP`, `HTTP` or `HTTPS`.
        protocol: String,
        /// Failures in a row until a target counts as unhealthy.
        unhealthy_threshold: i64,
    }
}

resource! {
    /// A classic load balancer.
    ElasticLoadBalancer("aws_elb", "ClassicLoadBalancer") {
        /// Where connections are logged.
        access_logs: Option<ElasticLoadBalancerAccessLogs>,
        /// Whether leaving instances may finish their connections.
        connection_draining: Option<bool>,
        /// How many seconds they may take.
        connection_draining_timeout: Option<i64>,
        /// Whether it balances across zones.
        cross_zone_load_balancing: bool,
        /// When an instance is healthy.
        health_check: Option<ElasticLoadBalancerHealthCheck>,
        /// Seconds until an idle connection is cut.
        idle_timeout: Option<i64>,
        /// Set to true when it is reachable from inside the VPC only.
        internal: Option<bool>,
        /// Its ports.
        listener: Vec<ElasticLoadBalancerListener>,
        /// Its name, at most 32 characters.
        name: String,
        /// Its security groups, sorted.
        security_groups: Vec<Input>,
        /// Its subnets, sorted.
        subnets: Vec<Input>,
        /// Tags.
        tags: Tags,
    }
}

block! {
    /// The log of a classic load balancer.
    ElasticLoadBalancerAccessLogs {
        /// The bucket.
        bucket: String,
        /// The start of the keys.
        bucket_prefix: Option<String>,
        /// Whether anything is written.
        enabled: bool,
        /// Minutes between two files, 5 or 60.
        interval: Option<i64>,
    }
}

block! {
    /// How a classic load balancer finds out whether an instance works.
    ElasticLoadBalancerHealthCheck {
        /// Successes in a row until an instance counts as healthy.
        healthy_threshold: i64,
        /// Seconds between two checks.
        interval: i64,
        /// `SSL:443` and the like.
        target: String,
        /// Seconds until a check has failed.
        timeout: i64,
        /// Failures in a row until an instance counts as unhealthy.
        unhealthy_threshold: i64,
    }
}

block! {
    /// A port of a classic load balancer.
    ElasticLoadBalancerListener {
        /// The port on the instances.
        instance_port: i64,
        /// `TCP` or `SSL`.
        instance_protocol: String,
        /// The port clients use.
        lb_port: i64,
        /// `TCP` or `SSL`.
        lb_protocol: String,
        /// The certificate shown to clients.
        ssl_certificate_id: Option<String>,
    }
}
