//! Security groups, their rules, and SSH keys.

use super::Tags;
use super::define::resource;
use crate::value::{DataFile, Input};

resource! {
    /// A set of instances or load balancers that share rules.
    SecurityGroup("aws_security_group", "SecurityGroup") {
        /// What it is for; it cannot change once made.
        description: String,
        /// Its name.
        name: String,
        /// Tags.
        tags: Tags,
        /// The VPC.
        vpc_id: Input,
    }
}

resource! {
    /// One way in or out.
    SecurityGroupRule("aws_security_group_rule", "SecurityGroupRule") {
        /// IPv4 networks at the other end.
        cidr_blocks: Vec<String>,
        /// The first port, or the ICMP type.
        from_port: i64,
        /// IPv6 networks at the other end.
        ipv6_cidr_blocks: Vec<String>,
        /// Managed prefix lists at the other end.
        prefix_list_ids: Vec<String>,
        /// `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all.
        protocol: String,
        /// The group whose rule it is.
        security_group_id: Input,
        /// The group at the other end.
        source_security_group_id: Option<Input>,
        /// The last port, or the ICMP code.
        to_port: i64,
        /// `ingress` or `egress`.
        r#type: String,
    }
}

resource! {
    /// The SSH key instances accept.
    KeyPair("aws_key_pair", "SSHKey") {
        /// Its name in EC2, with the colons of the fingerprint.
        key_name: String,
        /// The public key.
        public_key: DataFile,
        /// Tags.
        tags: Tags,
    }
}
