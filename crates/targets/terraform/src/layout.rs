//! Which block goes into which file.

use kopsform_model::aws::resources::Resource;

/// The one file of the single layout.
pub const SINGLE_FILE: &str = "kubernetes.tf";
/// Locals and outputs.
pub const OUTPUTS_FILE: &str = "outputs.tf";
/// Provider blocks.
pub const PROVIDERS_FILE: &str = "providers.tf";
/// The `terraform` block.
pub const VERSIONS_FILE: &str = "versions.tf";
/// The variables of a module.
pub const VARIABLES_FILE: &str = "variables.tf";
/// The locals of a module.
pub const LOCALS_FILE: &str = "locals.tf";
/// What is only looked at.
pub const DATA_FILE: &str = "data.tf";

/// The file of a resource where files are split by concern.
pub fn file_of(resource: &Resource) -> &'static str {
    match resource {
        Resource::Vpc(_)
        | Resource::VpcDhcpOptions(_)
        | Resource::VpcDhcpOptionsAssociation(_)
        | Resource::VpcIpv4CidrBlockAssociation(_)
        | Resource::Subnet(_)
        | Resource::InternetGateway(_)
        | Resource::EgressOnlyInternetGateway(_)
        | Resource::Eip(_)
        | Resource::NatGateway(_)
        | Resource::RouteTable(_)
        | Resource::Route(_)
        | Resource::RouteTableAssociation(_) => "network.tf",
        Resource::SecurityGroup(_) | Resource::SecurityGroupRule(_) => "security_groups.tf",
        Resource::IamInstanceProfile(_)
        | Resource::IamOpenIdConnectProvider(_)
        | Resource::IamRole(_)
        | Resource::IamRolePolicy(_)
        | Resource::IamRolePolicyAttachment(_) => "iam.tf",
        Resource::LoadBalancer(_)
        | Resource::LoadBalancerListener(_)
        | Resource::LoadBalancerTargetGroup(_)
        | Resource::ElasticLoadBalancer(_) => "load_balancers.tf",
        Resource::Route53Record(_) | Resource::Route53ZoneAssociation(_) => "dns.tf",
        Resource::AutoscalingGroup(_)
        | Resource::AutoscalingLifecycleHook(_)
        | Resource::LaunchTemplate(_)
        | Resource::KeyPair(_) => "instance_groups.tf",
        Resource::EbsVolume(_) => "etcd.tf",
        Resource::EventRule(_) | Resource::EventTarget(_) | Resource::Queue(_) => "events.tf",
        Resource::S3Object(_) => "files.tf",
    }
}
