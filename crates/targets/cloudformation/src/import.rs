//! Takes over the resources of a running cluster into a stack.
//!
//! `aws cloudformation create-change-set --change-set-type IMPORT` takes a template that has only what is imported, each
//! resource with a deletion policy, and a file that says which logical id is which resource. [`import`] makes both. What the type
//! does not support is left out, and an update of the stack with the whole template adds it afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::declare::{id_of, type_of};
use crate::render::{Output, description, header};
use crate::resource::{Resource, Retention, referred};
use crate::template::Template;
use kopsform_model::NodeId;

/// What AWS calls the resources of a running cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Existing {
    /// The id of a node: what `Ref`, or the attribute that stands for the id, gives.
    pub ids: BTreeMap<NodeId, String>,
    /// The public addresses of Elastic IPs by their node.
    pub addresses: BTreeMap<NodeId, String>,
    /// The ARNs of nodes whose id is another.
    pub arns: BTreeMap<NodeId, String>,
}

/// The files of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// The template of the import.
    pub template: String,
    /// The file of `--resources-to-import`.
    pub resources: String,
    /// How many resources are imported.
    pub count: usize,
    /// Logical ids of what is not imported, with the reason.
    pub left_out: BTreeMap<String, &'static str>,
}

/// The resource does not exist.
const MISSING: &str = "it was not found in AWS";
/// The type cannot be imported.
const NO_IMPORT: &str = "CloudFormation does not import resources of its type";
/// It needs something that is not imported.
const DEPENDENT: &str = "it refers to a resource that is not imported";

/// The template and the identifiers of what exists already.
pub fn import(output: &Output, existing: &Existing) -> Import {
    let mut import = Import::default();
    let by_logical_id: BTreeMap<&str, &String> = output
        .resources
        .iter()
        .filter(|resource| is_main(resource))
        .filter_map(|resource| Some((resource.logical_id.as_str(), existing.ids.get(&resource.node)?)))
        .collect();
    let mut members: BTreeMap<&str, (&Resource, Map<String, Value>)> = BTreeMap::new();
    for resource in &output.resources {
        match identifier(resource, existing, &by_logical_id) {
            Ok(identifier) => {
                members.insert(&resource.logical_id, (resource, identifier));
            }
            Err(reason) => {
                import.left_out.insert(resource.logical_id.clone(), reason);
            }
        }
    }
    // What is left out may be what others need in a way that no id replaces.
    loop {
        let names: BTreeSet<&str> = members.keys().copied().collect();
        let is_dependent = |resource: &Resource| {
            let mut is_known = true;
            let properties = Value::Object(resource.properties.clone());
            within(&properties, &names, &by_logical_id, &mut is_known);
            !is_known
        };
        let dependent: Vec<&str> =
            members.iter().filter(|(_, (resource, _))| is_dependent(resource)).map(|(id, _)| *id).collect();
        if dependent.is_empty() {
            break;
        }
        for id in dependent {
            members.remove(id);
            import.left_out.insert(id.to_owned(), DEPENDENT);
        }
    }
    let names: BTreeSet<&str> = members.keys().copied().collect();
    let mut resources = BTreeMap::new();
    let mut identifiers = Vec::new();
    for (id, (resource, identifier)) in &members {
        let mut resource = (*resource).clone();
        for value in resource.properties.values_mut() {
            *value = within(value, &names, &by_logical_id, &mut true);
        }
        resource.depends_on.retain(|other| names.contains(other.as_str()));
        // An import asks for a policy, and a failed one must not delete the cluster.
        resource.retention = Retention::Retain;
        identifiers.push(json!({
            "LogicalResourceId": id, "ResourceIdentifier": identifier, "ResourceType": resource.kind,
        }));
        resources.insert((*id).to_owned(), resource.to_value());
    }
    let template = Template {
        header: header(&output.cluster),
        description: description(&output.cluster, None),
        resources,
        ..Template::default()
    };
    import.count = identifiers.len();
    import.template = template.to_text();
    import.resources = serde_json::to_string_pretty(&identifiers).unwrap_or_default() + "\n";
    import
}

/// Whether a resource is that of its node, not one that accompanies it.
fn is_main(resource: &Resource) -> bool {
    resource.logical_id == id_of(&resource.node) && resource.kind == type_of(resource.node.kind)
}

/// The identifier of a resource by the keys of its type. Source: `primaryIdentifier` of the types' schemas.
fn identifier(
    resource: &Resource,
    existing: &Existing,
    ids: &BTreeMap<&str, &String>,
) -> Result<Map<String, Value>, &'static str> {
    let own = || existing.ids.get(&resource.node).cloned().ok_or(MISSING);
    let property = |name: &str| {
        let value = resource.properties.get(name).ok_or(MISSING)?;
        match (value, referred(value)) {
            (Value::String(text), None) => Ok(text.clone()),
            (_, Some((id, _))) => ids.get(id).map(|id| (*id).clone()).ok_or(MISSING),
            _ => Err(MISSING),
        }
    };
    let one = |key: &str, value: String| vec![(key.to_owned(), value)];
    let pairs = match resource.kind {
        "AWS::EC2::VPC" => one("VpcId", own()?),
        "AWS::EC2::Subnet" => one("SubnetId", own()?),
        "AWS::EC2::InternetGateway" => one("InternetGatewayId", own()?),
        "AWS::EC2::VPCGatewayAttachment" => {
            property("InternetGatewayId")?;
            vec![("AttachmentType".to_owned(), "IGW".to_owned()), ("VpcId".to_owned(), property("VpcId")?)]
        }
        "AWS::EC2::EgressOnlyInternetGateway" => one("Id", own()?),
        "AWS::EC2::EIP" => {
            let address = existing.addresses.get(&resource.node).cloned().ok_or(MISSING)?;
            vec![("AllocationId".to_owned(), own()?), ("PublicIp".to_owned(), address)]
        }
        "AWS::EC2::NatGateway" => one("NatGatewayId", own()?),
        "AWS::EC2::RouteTable" => one("RouteTableId", own()?),
        "AWS::EC2::Route" => {
            own()?;
            let network = property("DestinationCidrBlock").or_else(|_| property("DestinationIpv6CidrBlock"))?;
            vec![("CidrBlock".to_owned(), network), ("RouteTableId".to_owned(), property("RouteTableId")?)]
        }
        "AWS::EC2::DHCPOptions" => one("DhcpOptionsId", own()?),
        "AWS::EC2::VPCDHCPOptionsAssociation" => {
            own()?;
            vec![("DhcpOptionsId".to_owned(), property("DhcpOptionsId")?), ("VpcId".to_owned(), property("VpcId")?)]
        }
        "AWS::EC2::SecurityGroup" => one("Id", own()?),
        "AWS::EC2::Volume" => one("VolumeId", own()?),
        "AWS::EC2::KeyPair" => {
            own()?;
            one("KeyName", property("KeyName")?)
        }
        "AWS::EC2::LaunchTemplate" => one("LaunchTemplateId", own()?),
        "AWS::IAM::Role" => {
            own()?;
            one("RoleName", property("RoleName")?)
        }
        "AWS::IAM::InstanceProfile" => {
            own()?;
            one("InstanceProfileName", property("InstanceProfileName")?)
        }
        "AWS::IAM::OIDCProvider" => one("Arn", own()?),
        "AWS::AutoScaling::AutoScalingGroup" => {
            own()?;
            one("AutoScalingGroupName", property("AutoScalingGroupName")?)
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => one("LoadBalancerArn", own()?),
        "AWS::ElasticLoadBalancingV2::Listener" => one("ListenerArn", own()?),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => one("TargetGroupArn", own()?),
        "AWS::SQS::Queue" => one("QueueUrl", own()?),
        "AWS::Events::Rule" => one("Arn", existing.arns.get(&resource.node).cloned().ok_or(MISSING)?),
        // Rules of security groups, records, policies of queues, associations of tables, warm pools, classic load balancers.
        _ => return Err(NO_IMPORT),
    };
    Ok(pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect())
}

/// A value whose references to what is not imported are the ids that AWS gave. `is_known` becomes false where there is none.
fn within(value: &Value, names: &BTreeSet<&str>, ids: &BTreeMap<&str, &String>, is_known: &mut bool) -> Value {
    if let Some((id, attribute)) = referred(value) {
        if names.contains(id) {
            return value.clone();
        }
        let is_id = matches!(attribute, None | Some("GroupId" | "AllocationId"));
        return match ids.get(id).filter(|_| is_id) {
            Some(known) => Value::String((*known).clone()),
            None => {
                *is_known = false;
                value.clone()
            }
        };
    }
    match value {
        Value::Array(items) => items.iter().map(|item| within(item, names, ids, is_known)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), within(item, names, ids, is_known)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::options::Options;
    use crate::render::render;
    use kopsform_model::Kind;
    use kopsform_model::fixture::Fixture;

    fn all() -> (Output, Existing) {
        let graph = Fixture::default().network().unwrap();
        let mut existing = Existing::default();
        for (number, (id, _)) in graph.nodes().enumerate() {
            existing.ids.insert(id.clone(), format!("id-{number}"));
            existing.addresses.insert(id.clone(), "192.0.2.1".to_owned());
        }
        (render(&graph, &Options::default()).unwrap(), existing)
    }

    #[test]
    fn everything_imported_has_a_policy_and_an_identifier() {
        let (output, existing) = all();
        let import = import(&output, &existing);
        let identifiers: Vec<Value> = serde_json::from_str(&import.resources).unwrap();
        assert!(import.count > 8 && identifiers.len() == import.count, "{}", import.resources);
        assert_eq!(import.template.matches("DeletionPolicy: Retain").count(), import.count);
        assert!(!import.template.contains("Outputs:"));
        let route = identifiers.iter().find(|found| found["ResourceType"] == "AWS::EC2::Route").unwrap();
        assert!(route["ResourceIdentifier"]["CidrBlock"].is_string(), "{route}");
    }

    #[test]
    fn what_does_not_exist_is_left_out_with_what_needs_it() {
        let (output, mut existing) = all();
        existing.ids.retain(|id, _| id.kind != Kind::NatGateway);
        let import = import(&output, &existing);
        assert!(!import.template.contains("AWS::EC2::NatGateway"));
        assert!(!import.template.contains("NatGatewayId"), "{}", import.template);
        assert!(import.left_out.values().any(|reason| *reason == DEPENDENT), "{:?}", import.left_out);
    }

    #[test]
    fn references_to_what_cannot_be_imported_become_ids() {
        let names = BTreeSet::from(["A"]);
        let id = "sg-1".to_owned();
        let ids = BTreeMap::from([("B", &id)]);
        let mut is_known = true;
        let value = json!([{ "Ref": "A" }, { "Fn::GetAtt": ["B", "GroupId"] }]);
        assert_eq!(within(&value, &names, &ids, &mut is_known), json!([{ "Ref": "A" }, "sg-1"]));
        assert!(is_known);
        within(&json!({ "Ref": "C" }), &names, &ids, &mut is_known);
        assert!(!is_known);
    }
}
