//! The files of the output.

/// The one file of the single layout.
pub const SINGLE_FILE: &str = "kubernetes.tf";
/// Outputs.
pub const OUTPUTS_FILE: &str = "outputs.tf";
/// Provider blocks.
pub const PROVIDERS_FILE: &str = "providers.tf";
/// The `terraform` block.
pub const VERSIONS_FILE: &str = "versions.tf";
/// The variables of a module.
pub const VARIABLES_FILE: &str = "variables.tf";
/// What several files of a readable layout use.
pub const LOCALS_FILE: &str = "locals.tf";
/// What is only looked at.
pub const DATA_FILE: &str = "data.tf";

/// VPC, subnets, gateways and routes.
pub const NETWORK_FILE: &str = "network.tf";
/// Security groups and their rules.
pub const SECURITY_GROUPS_FILE: &str = "security_groups.tf";
/// Firewall rules.
pub const FIREWALL_FILE: &str = "firewall.tf";
/// Roles, policies, instance profiles and service accounts.
pub const IAM_FILE: &str = "iam.tf";
/// Load balancers.
pub const LOAD_BALANCERS_FILE: &str = "load_balancers.tf";
/// Records.
pub const DNS_FILE: &str = "dns.tf";
/// Auto scaling groups, launch templates, the SSH key.
pub const INSTANCE_GROUPS_FILE: &str = "instance_groups.tf";
/// etcd's volumes.
pub const ETCD_FILE: &str = "etcd.tf";
/// The queue of the node termination handler and what fills it.
pub const EVENTS_FILE: &str = "events.tf";
/// Managed files.
pub const FILES_FILE: &str = "files.tf";

/// Every file of a layout.
pub const ALL_FILES: [&str; 17] = [
    SINGLE_FILE,
    OUTPUTS_FILE,
    PROVIDERS_FILE,
    VERSIONS_FILE,
    VARIABLES_FILE,
    LOCALS_FILE,
    DATA_FILE,
    NETWORK_FILE,
    SECURITY_GROUPS_FILE,
    FIREWALL_FILE,
    IAM_FILE,
    LOAD_BALANCERS_FILE,
    DNS_FILE,
    INSTANCE_GROUPS_FILE,
    ETCD_FILE,
    EVENTS_FILE,
    FILES_FILE,
];
