//! What CloudFormation does about a change: which properties replace a resource, and which attributes follow an update.

/// The properties of each type whose change replaces the resource; `*` is all of them.
/// Source: `createOnlyProperties` of the types' schemas.
const REPLACING: &[(&str, &[&str])] = &[
    ("AWS::AutoScaling::AutoScalingGroup", &["AutoScalingGroupName", "InstanceId"]),
    ("AWS::AutoScaling::LifecycleHook", &["AutoScalingGroupName", "LifecycleHookName"]),
    ("AWS::AutoScaling::WarmPool", &["AutoScalingGroupName"]),
    ("AWS::EC2::DHCPOptions", &["DomainName", "DomainNameServers", "NtpServers"]),
    ("AWS::EC2::EgressOnlyInternetGateway", &["VpcId"]),
    ("AWS::EC2::KeyPair", &["*"]),
    ("AWS::EC2::LaunchTemplate", &["LaunchTemplateName"]),
    ("AWS::EC2::NatGateway", &["AllocationId", "ConnectivityType", "PrivateIpAddress", "SubnetId"]),
    (
        "AWS::EC2::Route",
        &["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId", "RouteTableId"],
    ),
    ("AWS::EC2::RouteTable", &["VpcId"]),
    ("AWS::EC2::SecurityGroup", &["GroupDescription", "GroupName", "VpcId"]),
    ("AWS::EC2::SecurityGroupEgress", &RULE),
    ("AWS::EC2::SecurityGroupIngress", &RULE),
    ("AWS::EC2::Subnet", &["AvailabilityZone", "CidrBlock", "Ipv6Native", "VpcId"]),
    ("AWS::EC2::SubnetRouteTableAssociation", &["*"]),
    ("AWS::EC2::VPC", &["CidrBlock"]),
    ("AWS::EC2::VPCCidrBlock", &["*"]),
    ("AWS::EC2::VPCDHCPOptionsAssociation", &["*"]),
    ("AWS::EC2::VPCGatewayAttachment", &["VpcId"]),
    ("AWS::ElasticLoadBalancing::LoadBalancer", &["LoadBalancerName", "Scheme"]),
    ("AWS::ElasticLoadBalancingV2::Listener", &["LoadBalancerArn"]),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", &["Name", "Scheme", "Type"]),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", &["Name", "Port", "Protocol", "TargetType", "VpcId"]),
    ("AWS::Events::Rule", &["EventBusName", "Name"]),
    ("AWS::IAM::InstanceProfile", &["InstanceProfileName", "Path"]),
    ("AWS::IAM::OIDCProvider", &["Url"]),
    ("AWS::IAM::Role", &["Path", "RoleName"]),
    ("AWS::IAM::RolePolicy", &["PolicyName", "RoleName"]),
    ("AWS::Route53::RecordSet", &["HostedZoneId", "HostedZoneName", "Name"]),
    ("AWS::SQS::Queue", &["FifoQueue", "QueueName"]),
];

/// Of a rule, only the description can change.
const RULE: [&str; 11] = [
    "CidrIp",
    "CidrIpv6",
    "DestinationPrefixListId",
    "DestinationSecurityGroupId",
    "FromPort",
    "GroupId",
    "IpProtocol",
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "ToPort",
    "Type",
];

/// Policies of a resource, which are not among its properties.
const POLICIES: [&str; 3] = ["DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy"];

/// Whether the change of a property replaces the resource.
pub fn replaces(kind: &str, property: &str) -> bool {
    let properties = REPLACING.iter().find(|(listed, _)| *listed == kind).map(|(_, properties)| *properties);
    !POLICIES.contains(&property) && properties.is_some_and(|all| all.contains(&"*") || all.contains(&property))
}

/// Whether an attribute has another value once a property of the resource changed in place.
pub fn follows(kind: &str, property: &str, attribute: &str) -> bool {
    let is_version = matches!(attribute, "LatestVersionNumber" | "DefaultVersionNumber");
    kind == "AWS::EC2::LaunchTemplate" && is_version && property == "LaunchTemplateData"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_networks_replace_and_sizes_do_not() {
        for (kind, property, expected) in [
            ("AWS::EC2::VPC", "CidrBlock", true),
            ("AWS::EC2::VPC", "Tags", false),
            ("AWS::EC2::KeyPair", "Tags", true),
            ("AWS::EC2::KeyPair", "DeletionPolicy", false),
            ("AWS::EC2::Volume", "Size", false),
            ("AWS::AutoScaling::AutoScalingGroup", "MaxSize", false),
            ("AWS::EC2::SecurityGroupIngress", "Description", false),
            ("AWS::None::Such", "Name", false),
        ] {
            assert_eq!(replaces(kind, property), expected, "{kind} {property}");
        }
    }

    #[test]
    fn a_launch_template_has_a_new_version_when_its_data_change() {
        assert!(follows("AWS::EC2::LaunchTemplate", "LaunchTemplateData", "LatestVersionNumber"));
        assert!(!follows("AWS::EC2::LaunchTemplate", "TagSpecifications", "LatestVersionNumber"));
        assert!(!follows("AWS::EC2::Volume", "LaunchTemplateData", "LatestVersionNumber"));
    }

    #[test]
    fn types_are_listed_once_in_order() {
        assert!(REPLACING.is_sorted_by(|a, b| a.0 < b.0));
    }
}
