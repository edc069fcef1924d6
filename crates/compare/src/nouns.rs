//! What kinds of resources are called.

/// Prefixes of types that say which provider has them.
const PROVIDERS: [&str; 3] = ["aws_", "google_compute_", "google_"];

/// Names that are not the words of the type.
const NAMES: [(&str, &str); 16] = [
    ("eip", "elastic IP"),
    ("elb", "classic load balancer"),
    ("lb", "load balancer"),
    ("lb_listener", "listener"),
    ("lb_target_group", "target group"),
    ("s3_object", "file"),
    ("storage_bucket_object", "file"),
    ("key_pair", "key pair"),
    ("nat_gateway", "NAT gateway"),
    ("iam_openid_connect_provider", "OpenID Connect provider"),
    ("egress_only_internet_gateway", "egress-only internet gateway"),
    ("vpc_dhcp_options", "DHCP options"),
    ("vpc_dhcp_options_association", "DHCP options association"),
    ("vpc_ipv4_cidr_block_association", "VPC CIDR block"),
    ("cloudwatch_event_rule", "event rule"),
    ("cloudwatch_event_target", "event target"),
];

/// Words in capitals.
const CAPITALS: [(&str, &str); 11] = [
    ("acl", "ACL"),
    ("dns", "DNS"),
    ("ebs", "EBS"),
    ("iam", "IAM"),
    ("ip", "IP"),
    ("route53", "Route 53"),
    ("s3", "S3"),
    ("sns", "SNS"),
    ("sqs", "SQS"),
    ("ssh", "SSH"),
    ("vpc", "VPC"),
];

/// `aws_security_group_rule` → `security group rule`.
pub(crate) fn of_type(kind: &str) -> String {
    let plain = PROVIDERS.iter().find_map(|prefix| kind.strip_prefix(prefix)).unwrap_or(kind);
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == plain) {
        return (*name).to_owned();
    }
    let word = |word: &str| match CAPITALS.iter().find(|(known, _)| *known == word) {
        Some((_, capitals)) => (*capitals).to_owned(),
        None => word.to_owned(),
    };
    plain.split('_').map(word).collect::<Vec<_>>().join(" ")
}

/// The kind of a block and its name.
pub(crate) fn of_address(address: &str) -> (String, &str) {
    let (first, rest) = address.split_once('.').unwrap_or((address, ""));
    match first {
        "data" => {
            let (kind, name) = rest.split_once('.').unwrap_or((rest, ""));
            (format!("data source {}", of_type(kind)), name)
        }
        "local" => ("local value".to_owned(), rest),
        "var" => ("variable".to_owned(), rest),
        "terraform" => ("terraform block".to_owned(), rest),
        "output" | "module" | "provider" => (first.to_owned(), rest),
        "moved" | "removed" | "import" => (format!("{first} block of"), rest),
        kind => (of_type(kind), rest),
    }
}

/// What the name of a data file says: kops names them after type, resource and argument.
pub(crate) struct FileName {
    pub kind: &'static str,
    pub name: String,
}

/// Types whose arguments are in files, the longest first.
const IN_FILES: [(&str, &str); 7] = [
    ("aws_iam_role_policy", "policy"),
    ("aws_cloudwatch_event_rule", "event_pattern"),
    ("aws_launch_template", "user_data"),
    ("aws_sqs_queue", "policy"),
    ("aws_s3_object", "content"),
    ("aws_key_pair", "public_key"),
    ("aws_iam_role", "policy"),
];

impl FileName {
    pub(crate) fn of(file: &str) -> Option<Self> {
        let name = file.rsplit('/').next()?;
        IN_FILES.into_iter().find_map(|(kind, argument)| {
            let rest = name.strip_prefix(kind)?.strip_prefix('_')?;
            let name = rest.strip_suffix(argument)?.strip_suffix('_')?;
            Some(Self { kind, name: name.to_owned() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_read_as_a_reviewer_calls_them() {
        assert_eq!(of_type("aws_security_group_rule"), "security group rule");
        assert_eq!(of_type("aws_iam_role"), "IAM role");
        assert_eq!(of_type("google_compute_firewall"), "firewall");
        assert_eq!(of_address("data.aws_vpc.main"), ("data source VPC".to_owned(), "main"));
        assert_eq!(of_address("aws_lb.api"), ("load balancer".to_owned(), "api"));
    }

    #[test]
    fn names_of_data_files_say_what_they_hold() {
        let parts = FileName::of("data/aws_iam_role_policy_masters.a.example.com_policy");
        assert_eq!(parts.map(|p| (p.kind, p.name)), Some(("aws_iam_role_policy", "masters.a.example.com".into())));
        assert!(FileName::of("data/names.json").is_none());
    }
}
