//! Rules of security groups.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as ec2;

use super::support::{
    all, change_failed, filter, has_code, id_in, internal, sent, tag_map, tagged, tags_value, wanted_tags, with_id,
};
use super::{DirectCloud, Search, security_group};
use kopsform_direct::{
    Attribute, Attributes, CloudError, Found, Object, Operation, Residue, Task, TaskId, TaskKind, When,
};
use kopsform_model::In;
use kopsform_model::aws::resources::{Direction, EbsVolume, Protocol, RulePeer, SecurityGroup, SecurityGroupRule};
use kopsform_rolling::ports::ApiError;

/// kops' name of a rule that no task wants.
pub(super) const RESIDUE: &str = "SecurityGroupRule";
/// How handles of rules begin.
const INGRESS: &str = "ingress";
const EGRESS: &str = "egress";
/// Any type and code of ICMPv6, as ports.
const ICMPV6: (i32, i32) = (-1, -1);
/// Type and code of the ICMP messages of path-MTU discovery, as ports.
const PATH_MTU: (i32, i32) = (3, 4);
/// Ports of the control plane: SSH, the API and its second listener, kops-controller, peers and clients of etcd's two clusters,
/// VXLAN, BGP.
const CONTROL_PLANE: [i32; 10] = [22, 443, 8443, 3988, 2380, 2381, 4001, 4002, 4789, 179];
/// Peers and clients of etcd's cluster for leases.
const LEASES: [i32; 2] = [2383, 4004];
const SSH: i32 = 22;
const API: i32 = 443;
const API_SECONDARY: i32 = 8443;

/// The ports on which rules of a group are removed that no task wants. Rules on others may be those of load balancers that
/// Kubernetes made. The ports are kops'.
fn removable(group: &str, wanted: &[(&Task, &SecurityGroupRule)], has_leases: bool) -> Vec<(i32, i32)> {
    let on = |port: &i32| (*port, *port);
    let only = |ports: &[i32]| ports.iter().map(on).collect::<Vec<_>>();
    match group.split('.').next().unwrap_or_default() {
        "masters" => {
            let leases = if has_leases { only(&LEASES) } else { Vec::new() };
            [only(&CONTROL_PLANE), vec![PATH_MTU, ICMPV6], leases].concat()
        }
        "nodes" | "bastion-elb" => only(&[SSH]),
        "bastion" => vec![on(&SSH), PATH_MTU, ICMPV6],
        "api-elb" => {
            let is_secondary = |rule: &SecurityGroupRule| {
                let port = i64::from(API_SECONDARY);
                matches!(&rule.group, In::Node(node) if **node.name() == *group)
                    && rule.traffic.ports() == Some((port, port))
            };
            match wanted.iter().any(|(_, rule)| is_secondary(rule)) {
                true => only(&[API, API_SECONDARY]),
                false => only(&[API]),
            }
        }
        _ => Vec::new(),
    }
}

/// What a rule lets through, and whom: two rules of a group never have the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    egress: bool,
    protocol: String,
    ports: Option<(i32, i32)>,
    /// A network, a prefix list, or the id of a group.
    peer: String,
}

impl Key {
    fn of_found(rule: &ec2::SecurityGroupRule) -> Self {
        let group = || rule.referenced_group_info().and_then(|group| group.group_id());
        let peer = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or_else(group);
        let protocol = normal_protocol(rule.ip_protocol().unwrap_or_default());
        // AWS reports -1 for both where there are no ports.
        let ports = rule.from_port().zip(rule.to_port()).filter(|ports| protocol != "-1" && *ports != (-1, -1));
        Self { egress: rule.is_egress() == Some(true), protocol, ports, peer: peer.unwrap_or_default().to_owned() }
    }

    fn of_wanted(rule: &SecurityGroupRule, peer: &str) -> Self {
        let ports = rule.traffic.ports().map(|(from, to)| (super::support::int(from), super::support::int(to)));
        Self {
            egress: rule.direction == Direction::Egress,
            protocol: protocol(rule.traffic.protocol()).to_owned(),
            ports: ports.filter(|ports| *ports != (-1, -1)),
            peer: peer.to_owned(),
        }
    }
}

fn protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::All => "-1",
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Icmp => "icmp",
        Protocol::IcmpV6 => "icmpv6",
        Protocol::IpInIp => "4",
    }
}

/// AWS reports some protocols by number.
fn normal_protocol(protocol: &str) -> String {
    match protocol {
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        "all" => "-1",
        other => other,
    }
    .to_owned()
}

/// The rule that AWS gives every new group.
pub(super) fn is_default_egress(rule: &ec2::SecurityGroupRule) -> bool {
    let key = Key::of_found(rule);
    key.egress && key.protocol == "-1" && key.peer == "0.0.0.0/0"
}

pub(super) async fn describe(cloud: &DirectCloud, groups: &[String]) -> Result<Vec<ec2::SecurityGroupRule>, ApiError> {
    let call = cloud.clients.ec2().describe_security_group_rules().filters(filter("group-id", groups));
    all!(call, "DescribeSecurityGroupRules")
}

/// Adds the rules of the groups that were found.
pub(super) async fn find(search: &Search<'_>, found: &mut Found) -> Result<(), ApiError> {
    let wanted = search.of::<SecurityGroupRule>(TaskKind::SecurityGroupRule);
    let id = |group: &In<SecurityGroup>, found: &Found| match group {
        In::Existing(id) => Some(id.clone()),
        In::Node(node) => found.objects.get(&security_group::task(node)).map(|object| object.id().to_owned()),
    };
    let mut groups: BTreeSet<String> = wanted.iter().filter_map(|(_, rule)| id(&rule.group, found)).collect();
    let own: BTreeSet<String> = found
        .objects
        .iter()
        .filter(|(task, _)| task.kind == TaskKind::SecurityGroup)
        .map(|(_, o)| o.id().to_owned())
        .collect();
    groups.extend(own.iter().cloned());
    if groups.is_empty() {
        return Ok(());
    }
    let groups: Vec<String> = groups.into_iter().collect();
    let rules = describe(search.cloud, &groups).await?;
    let mut by_key: BTreeMap<(String, Key), &ec2::SecurityGroupRule> = rules
        .iter()
        .map(|rule| ((rule.group_id().unwrap_or_default().to_owned(), Key::of_found(rule)), rule))
        .collect();
    let mut wanted_keys = Vec::new();
    for (task, rule) in &wanted {
        let peer = match &rule.peer {
            RulePeer::Ipv4(network) | RulePeer::Ipv6(network) | RulePeer::PrefixList(network) => Some(network.clone()),
            RulePeer::Group(group) => id(group, found),
        };
        let Some(peer) = peer else { continue };
        let key = Key::of_wanted(rule, &peer);
        wanted_keys.push(key.clone());
        if let Some(existing) = id(&rule.group, found).and_then(|group| by_key.remove(&(group, key))) {
            let object = Object::new(existing.security_group_rule_id().unwrap_or_default());
            found.objects.insert(task.id.clone(), object.field("Tags", tags_value(existing.tags())));
        }
    }
    let by_group: BTreeMap<&str, &TaskId> = found
        .objects
        .iter()
        .filter(|(task, _)| task.kind == TaskKind::SecurityGroup)
        .map(|(task, group)| (group.id(), task))
        .collect();
    // As long as a group does not exist that rules let in, kops removes none.
    if wanted_keys.len() == wanted.len() {
        let has_leases = search.cloud.graph.all::<EbsVolume>().any(|(name, _)| name.contains(".etcd-leases."));
        let residue = rules.iter().filter_map(|rule| {
            let group = by_group.get(rule.group_id()?)?;
            residue(rule, &removable(&group.name, &wanted, has_leases), &wanted_keys)
        });
        let residue: Vec<Residue> = residue.collect();
        found.residue.extend(residue);
    }
    Ok(())
}

/// A rule on a port of the cluster that no task wants. Another rule of Kubernetes may still need it, so it is pruned. As in kops,
/// a rule that any group should have is not removed from another.
fn residue(rule: &ec2::SecurityGroupRule, ports: &[(i32, i32)], wanted: &[Key]) -> Option<Residue> {
    let key = Key::of_found(rule);
    let (from, to) = rule.from_port().zip(rule.to_port())?;
    let alike = |wanted: &Key| Key { egress: key.egress, ..wanted.clone() } == key;
    if !ports.contains(&(from, to)) || wanted.iter().any(alike) {
        return None;
    }
    let id = rule.group_id().unwrap_or_default();
    let mut item = format!("{id}:");
    match (from, to) {
        (0, _) => {}
        (from, to) if from == to => item.push_str(&format!(" port={from}")),
        (from, to) => item.push_str(&format!(" port={from}-{to}")),
    }
    if key.protocol != "-1" {
        item.push_str(&format!(" protocol={}", key.protocol));
    }
    if let Some(group) = rule.referenced_group_info() {
        item.push_str(&format!(" group={}", group.group_id().unwrap_or_default()));
    }
    let (ipv4, ipv6) = (rule.cidr_ipv4().unwrap_or_default(), rule.cidr_ipv6().unwrap_or_default());
    item.push_str(&format!(" ip={ipv4} ipv6={ipv6}"));
    let direction = if key.egress { EGRESS } else { INGRESS };
    let handle = format!("{direction} {id} {}", rule.security_group_rule_id().unwrap_or_default());
    Some(Residue { when: When::Pruned, kind: RESIDUE, item, handle })
}

pub(super) async fn remove(cloud: &DirectCloud, handle: &str) -> Result<(), CloudError> {
    let malformed = || internal(format!("malformed rule {handle:?}"));
    let (direction, rest) = handle.split_once(' ').ok_or_else(malformed)?;
    let (group, rule) = rest.split_once(' ').ok_or_else(malformed)?;
    let client = cloud.clients.ec2();
    if direction == EGRESS {
        let call = client.revoke_security_group_egress().group_id(group).security_group_rule_ids(rule);
        return sent!(call, "RevokeSecurityGroupEgress {group} {rule}").map(|_| ());
    }
    let call = client.revoke_security_group_ingress().group_id(group).security_group_rule_ids(rule);
    sent!(call, "RevokeSecurityGroupIngress {group} {rule}").map(|_| ())
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<SecurityGroupRule>(operation.task)?;
    let group = id_in(operation, TaskKind::SecurityGroup, &rule.group)?;
    let tags = wanted_tags(operation.task);
    let name = &operation.task.id.name;
    let permission = permission(operation, rule)?;
    if let (In::Node(node), Direction::Egress, RulePeer::Ipv4(network)) = (&rule.group, rule.direction, &rule.peer) {
        let default = operation.ids.get(&security_group::task(node), Attribute::DefaultEgressRule);
        if let Some(id) = default.filter(|_| network == "0.0.0.0/0" && rule.traffic.ports().is_none()) {
            cloud.tag(id, &tags).await?;
            return Ok(with_id(id));
        }
    }
    let client = cloud.clients.ec2();
    let specifications = tagged(ec2::ResourceType::SecurityGroupRule, &tags);
    let created = match rule.direction {
        Direction::Ingress => {
            let call = client.authorize_security_group_ingress().group_id(group).ip_permissions(permission);
            match call.set_tag_specifications(specifications).send().await {
                Ok(created) => created.security_group_rules.unwrap_or_default(),
                Err(error) if has_code(&error, "InvalidPermission.Duplicate") => {
                    return take_over(cloud, operation).await;
                }
                Err(error) => return Err(change_failed(format!("AuthorizeSecurityGroupIngress {name}"))(error)),
            }
        }
        Direction::Egress => {
            let call = client.authorize_security_group_egress().group_id(group).ip_permissions(permission);
            match call.set_tag_specifications(specifications).send().await {
                Ok(created) => created.security_group_rules.unwrap_or_default(),
                Err(error) if has_code(&error, "InvalidPermission.Duplicate") => {
                    return take_over(cloud, operation).await;
                }
                Err(error) => return Err(change_failed(format!("AuthorizeSecurityGroupEgress {name}"))(error)),
            }
        }
    };
    Ok(with_id(created.first().and_then(|rule| rule.security_group_rule_id()).unwrap_or_default()))
}

/// Tags a rule that exists: AWS' own, or one that another request made.
async fn take_over(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let rule = cloud.resource::<SecurityGroupRule>(operation.task)?;
    let group = id_in(operation, TaskKind::SecurityGroup, &rule.group)?;
    let key = Key::of_wanted(rule, &peer(operation, rule)?);
    let rules = describe(cloud, &[group.to_owned()]).await?;
    let existing = rules.iter().find(|existing| Key::of_found(existing) == key);
    let existing = existing.ok_or_else(|| {
        CloudError::NotYet(ApiError::transient(
            format!("find {}", operation.task.id),
            "AWS has it, but does not list it yet",
        ))
    })?;
    let id = existing.security_group_rule_id().unwrap_or_default();
    let tags = wanted_tags(operation.task);
    let found = tag_map(existing.tags());
    if !tags.iter().all(|(key, value)| found.get(key) == Some(value)) {
        cloud.tag(id, &tags).await?;
    }
    Ok(with_id(id))
}

fn peer(operation: &Operation<'_>, rule: &SecurityGroupRule) -> Result<String, CloudError> {
    match &rule.peer {
        RulePeer::Ipv4(network) | RulePeer::Ipv6(network) | RulePeer::PrefixList(network) => Ok(network.clone()),
        RulePeer::Group(group) => id_in(operation, TaskKind::SecurityGroup, group).map(str::to_owned),
    }
}

fn permission(operation: &Operation<'_>, rule: &SecurityGroupRule) -> Result<ec2::IpPermission, CloudError> {
    let peer = peer(operation, rule)?;
    let permission = ec2::IpPermission::builder().ip_protocol(protocol(rule.traffic.protocol()));
    let ports = rule.traffic.ports();
    let permission = permission
        .set_from_port(ports.map(|(from, _)| super::support::int(from)))
        .set_to_port(ports.map(|(_, to)| super::support::int(to)));
    Ok(match &rule.peer {
        RulePeer::Ipv4(_) => permission.ip_ranges(ec2::IpRange::builder().cidr_ip(peer).build()),
        RulePeer::Ipv6(_) => permission.ipv6_ranges(ec2::Ipv6Range::builder().cidr_ipv6(peer).build()),
        RulePeer::PrefixList(_) => {
            permission.prefix_list_ids(ec2::PrefixListId::builder().prefix_list_id(peer).build())
        }
        RulePeer::Group(_) => permission.user_id_group_pairs(ec2::UserIdGroupPair::builder().group_id(peer).build()),
    }
    .build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_model::aws::resources::{Tags, Traffic};

    #[test]
    fn a_rule_is_recognized_however_aws_reports_it() {
        let found = |protocol: &str, from, to| {
            Key::of_found(
                &ec2::SecurityGroupRule::builder()
                    .is_egress(false)
                    .ip_protocol(protocol)
                    .from_port(from)
                    .to_port(to)
                    .cidr_ipv4("10.0.0.0/8")
                    .build(),
            )
        };
        let wanted = |traffic| {
            let peer = RulePeer::Ipv4("10.0.0.0/8".to_owned());
            let (group, direction, tags) = ("sg-1".into(), Direction::Ingress, Tags::new());
            let rule = SecurityGroupRule { group, direction, peer, traffic, tags };
            Key::of_wanted(&rule, "10.0.0.0/8")
        };
        assert_eq!(found("-1", -1, -1), wanted(Traffic::All));
        assert_eq!(found("6", 22, 22), wanted(Traffic::tcp(22)));
        assert_eq!(found("4", -1, -1), wanted(Traffic::IpInIp));
        assert_eq!(found("58", -1, -1), wanted(Traffic::PathMtuIpv6));
        assert_eq!(found("icmp", 3, 4), wanted(Traffic::PathMtu));
        assert_ne!(found("tcp", 22, 23), wanted(Traffic::tcp(22)));
    }
}
