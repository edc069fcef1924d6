//! Deletes resources by kind. A resource that no longer exists counts as deleted.

use async_trait::async_trait;
use aws_sdk_ec2::types as ec2;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{ClusterResources, described};
use crate::error::{CallError, ErrorClass, call_failed as failed, class_of, code_of, is_missing_group};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, RemoveError, Remover, Resource};

/// The number of instances one call may terminate.
const TERMINATED_PER_CALL: usize = 100;

/// What a failed call means for the resource; `None` when it is already deleted.
fn remove_error(kind: Kind, failed: CallError) -> Option<RemoveError> {
    let error = failed.error;
    Some(match failed.code.as_deref().map(ErrorClass::of) {
        _ if kind == Kind::AutoScalingGroup && is_missing_group(failed.code.as_deref(), &error.message) => return None,
        // What a group is attached to is missing, not the group.
        Some(ErrorClass::NotFound) if kind == Kind::AutoScalingGroup => RemoveError::Failed(error.to_string()),
        Some(ErrorClass::NotFound) => return None,
        Some(ErrorClass::InUse) => RemoveError::InUse,
        // Releasing an address whose network interface still exists is refused this way.
        _ if failed.code.as_deref() == Some("AuthFailure") => RemoveError::InUse,
        _ if error.is_denied() => RemoveError::Denied(error.to_string()),
        _ => RemoveError::Failed(error.to_string()),
    })
}

/// The answer of a call about a part of a resource, which may be gone already: the SDK repeats a deletion whose answer was lost.
/// Whether the resource itself is gone, only the call that deletes it says.
fn part<T, E, R>(answer: Result<T, SdkError<E, R>>) -> Result<(), SdkError<E, R>>
where
    E: ProvideErrorMetadata,
{
    match answer {
        Err(error) if is_gone(&error) => Ok(()),
        other => other.map(|_| ()),
    }
}

fn is_gone<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    code_of(error).is_some_and(|code| ErrorClass::of(code) == ErrorClass::NotFound || code.ends_with(".NotFound"))
}

#[async_trait]
impl Remover for ClusterResources {
    async fn remove(&self, batch: &[&Resource]) -> Result<(), RemoveError> {
        match self.try_remove(batch).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let Some(first) = batch.first() else { return Ok(()) };
                match remove_error(first.key.kind, error) {
                    None => Ok(()),
                    Some(RemoveError::InUse) if first.key.kind == Kind::Vpc => {
                        Err(self.vpc_in_use(&first.key.id).await)
                    }
                    Some(error) => Err(error),
                }
            }
        }
    }
}

impl ClusterResources {
    /// Why a network cannot be deleted: what users put into it is not deleted with it.
    async fn vpc_in_use(&self, id: &str) -> RemoveError {
        match self.others_in_vpc(id).await {
            Ok(others) if others.is_empty() => RemoveError::InUse,
            Ok(others) => {
                RemoveError::Failed(format!("it holds what has no tag of the cluster: {}", others.join(", ")))
            }
            Err(error) => {
                tracing::debug!("what {id} holds is not known: {error}");
                RemoveError::InUse
            }
        }
    }

    async fn others_in_vpc(&self, id: &str) -> Result<Vec<String>, ApiError> {
        let client = self.clients.ec2();
        let within = || vec![ec2::Filter::builder().name("vpc-id").values(id).build()];
        let (tables, subnets, interfaces, groups) = futures::try_join!(
            async { described!(client, describe_route_tables, "DescribeRouteTables", within()) },
            async { described!(client, describe_subnets, "DescribeSubnets", within()) },
            async { described!(client, describe_network_interfaces, "DescribeNetworkInterfaces", within()) },
            async { described!(client, describe_security_groups, "DescribeSecurityGroups", within()) },
        )?;
        let is_main = |table: &&ec2::RouteTable| table.associations().iter().any(|of| of.main() == Some(true));
        let tables = tables.iter().filter(|table| !is_main(table)).filter_map(|table| table.route_table_id());
        let subnets = subnets.iter().filter_map(|subnet| subnet.subnet_id());
        let interfaces = interfaces.iter().filter_map(|interface| interface.network_interface_id());
        let groups = groups.iter().filter(|group| group.group_name() != Some("default"));
        let groups = groups.filter_map(|group| group.group_id());
        Ok(tables.chain(subnets).chain(interfaces).chain(groups).map(str::to_owned).collect())
    }

    async fn try_remove(&self, batch: &[&Resource]) -> Result<(), CallError> {
        let Some(first) = batch.first() else { return Ok(()) };
        let id = first.key.id.as_str();
        match first.key.kind {
            Kind::Instance => self.terminate(batch).await,
            Kind::Record => self.delete_records(batch).await,
            Kind::SecurityGroup => self.delete_security_group(id).await,
            Kind::RouteTable => self.delete_route_table(id).await,
            Kind::KeyPair => self.delete_key_pair(&first.name).await,
            Kind::InternetGateway => self.delete_internet_gateway(id).await,
            Kind::LoadBalancer => self.delete_load_balancer(id).await,
            Kind::InstanceProfile => self.delete_instance_profile(id).await,
            Kind::Role => self.delete_role(id).await,
            Kind::Queue => self.delete_queue(id).await,
            Kind::EventRule => self.delete_event_rule(id).await,
            kind => self.delete_plain(kind, id).await,
        }
    }

    /// Kinds that a single call deletes.
    async fn delete_plain(&self, kind: Kind, id: &str) -> Result<(), CallError> {
        let ec2 = self.clients.ec2();
        macro_rules! delete {
            ($call:expr, $action:literal) => {
                $call.send().await.map(|_| ()).map_err(failed(format!(concat!($action, " {}"), id)))
            };
        }
        match kind {
            Kind::Vpc => delete!(ec2.delete_vpc().vpc_id(id), "DeleteVpc"),
            Kind::Subnet => delete!(ec2.delete_subnet().subnet_id(id), "DeleteSubnet"),
            Kind::DhcpOptions => delete!(ec2.delete_dhcp_options().dhcp_options_id(id), "DeleteDhcpOptions"),
            Kind::EgressOnlyInternetGateway => delete!(
                ec2.delete_egress_only_internet_gateway().egress_only_internet_gateway_id(id),
                "DeleteEgressOnlyInternetGateway"
            ),
            Kind::NatGateway => delete!(ec2.delete_nat_gateway().nat_gateway_id(id), "DeleteNatGateway"),
            Kind::ElasticIp => delete!(ec2.release_address().allocation_id(id), "ReleaseAddress"),
            Kind::NetworkInterface => {
                delete!(ec2.delete_network_interface().network_interface_id(id), "DeleteNetworkInterface")
            }
            Kind::Volume => delete!(ec2.delete_volume().volume_id(id), "DeleteVolume"),
            Kind::LaunchTemplate => {
                delete!(ec2.delete_launch_template().launch_template_id(id), "DeleteLaunchTemplate")
            }
            Kind::AutoScalingGroup => delete!(
                self.clients.autoscaling().delete_auto_scaling_group().auto_scaling_group_name(id).force_delete(true),
                "DeleteAutoScalingGroup"
            ),
            Kind::TargetGroup => {
                delete!(self.clients.elbv2().delete_target_group().target_group_arn(id), "DeleteTargetGroup")
            }
            Kind::OidcProvider => delete!(
                self.clients.iam().delete_open_id_connect_provider().open_id_connect_provider_arn(id),
                "DeleteOpenIDConnectProvider"
            ),
            kind => Err(ApiError::permanent(format!("delete {kind}"), "no single call deletes this kind").into()),
        }
    }

    /// An instance that no longer exists fails the whole call; then they are terminated one by one.
    async fn terminate(&self, batch: &[&Resource]) -> Result<(), CallError> {
        let client = self.clients.ec2();
        for part in batch.chunks(TERMINATED_PER_CALL) {
            let ids: Vec<String> = part.iter().map(|resource| resource.key.id.clone()).collect();
            match client.terminate_instances().set_instance_ids(Some(ids.clone())).send().await {
                Ok(_) => continue,
                Err(error) if class_of(&error) != Some(ErrorClass::NotFound) => {
                    return Err(failed("TerminateInstances")(error));
                }
                Err(_) => {}
            }
            for id in ids {
                match client.terminate_instances().instance_ids(&id).send().await {
                    Err(error) if class_of(&error) != Some(ErrorClass::NotFound) => {
                        return Err(failed(format!("TerminateInstances {id}"))(error));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    async fn delete_records(&self, batch: &[&Resource]) -> Result<(), CallError> {
        let Some(zone) = batch.first().map(|resource| resource.batch.clone()) else { return Ok(()) };
        let action = format!("ChangeResourceRecordSets {zone}");
        let malformed = |error: aws_smithy_types::error::operation::BuildError| {
            ApiError::permanent(action.clone(), error.to_string())
        };
        let mut changes = Vec::new();
        {
            let records = self.records.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            for record in batch.iter().filter_map(|resource| records.get(&resource.key.id)) {
                let change = Change::builder().action(ChangeAction::Delete).resource_record_set(record.clone());
                changes.push(change.build().map_err(malformed)?);
            }
        }
        let changes = ChangeBatch::builder().set_changes(Some(changes)).build().map_err(malformed)?;
        let call = self.clients.route53().change_resource_record_sets().hosted_zone_id(&zone).change_batch(changes);
        call.send().await.map(|_| ()).map_err(failed(action.clone()))
    }

    /// Ingress rules may reference other groups, which could then not be deleted; they are revoked first.
    async fn delete_security_group(&self, id: &str) -> Result<(), CallError> {
        let client = self.clients.ec2();
        let of_group = ec2::Filter::builder().name("group-id").values(id).build();
        let rules: Vec<_> = client
            .describe_security_group_rules()
            .filters(of_group)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed(format!("DescribeSecurityGroupRules {id}")))?;
        let ingress: Vec<String> = rules
            .iter()
            .filter(|rule| rule.is_egress() != Some(true))
            .filter_map(|rule| rule.security_group_rule_id().map(str::to_owned))
            .collect();
        if !ingress.is_empty() {
            let call = client.revoke_security_group_ingress().group_id(id).set_security_group_rule_ids(Some(ingress));
            part(call.send().await).map_err(failed(format!("RevokeSecurityGroupIngress {id}")))?;
        }
        client
            .delete_security_group()
            .group_id(id)
            .send()
            .await
            .map_err(failed(format!("DeleteSecurityGroup {id}")))?;
        Ok(())
    }

    /// Removes its associations first, such as those with a gateway.
    async fn delete_route_table(&self, id: &str) -> Result<(), CallError> {
        let client = self.clients.ec2();
        let described = client.describe_route_tables().route_table_ids(id).send().await;
        let described = described.map_err(failed(format!("DescribeRouteTables {id}")))?;
        let associations = described.route_tables().iter().flat_map(|table| table.associations());
        for association in associations.filter(|association| association.main() != Some(true)) {
            let Some(association) = association.route_table_association_id() else { continue };
            let call = client.disassociate_route_table().association_id(association);
            part(call.send().await).map_err(failed(format!("DisassociateRouteTable {association}")))?;
        }
        let call = client.delete_route_table().route_table_id(id);
        call.send().await.map(|_| ()).map_err(failed(format!("DeleteRouteTable {id}")))
    }

    async fn delete_key_pair(&self, name: &str) -> Result<(), CallError> {
        let call = self.clients.ec2().delete_key_pair().key_name(name);
        call.send().await.map(|_| ()).map_err(failed(format!("DeleteKeyPair {name}")))
    }

    async fn delete_internet_gateway(&self, id: &str) -> Result<(), CallError> {
        let client = self.clients.ec2();
        let described = client.describe_internet_gateways().internet_gateway_ids(id).send().await;
        let described = described.map_err(failed(format!("DescribeInternetGateways {id}")))?;
        let attachments = described.internet_gateways().iter().flat_map(|gateway| gateway.attachments());
        for vpc in attachments.filter_map(|attachment| attachment.vpc_id()) {
            let call = client.detach_internet_gateway().internet_gateway_id(id).vpc_id(vpc);
            part(call.send().await).map_err(failed(format!("DetachInternetGateway {id}")))?;
        }
        let call = client.delete_internet_gateway().internet_gateway_id(id);
        call.send().await.map(|_| ()).map_err(failed(format!("DeleteInternetGateway {id}")))
    }

    /// Classic load balancers are identified by name, others by ARN.
    async fn delete_load_balancer(&self, id: &str) -> Result<(), CallError> {
        let action = format!("DeleteLoadBalancer {id}");
        if id.starts_with("arn:") {
            let call = self.clients.elbv2().delete_load_balancer().load_balancer_arn(id);
            return call.send().await.map(|_| ()).map_err(failed(action));
        }
        let call = self.clients.elb().delete_load_balancer().load_balancer_name(id);
        call.send().await.map(|_| ()).map_err(failed(action))
    }

    async fn delete_instance_profile(&self, name: &str) -> Result<(), CallError> {
        let client = self.clients.iam();
        let found = client.get_instance_profile().instance_profile_name(name).send().await;
        let found = found.map_err(failed(format!("GetInstanceProfile {name}")))?;
        for role in found.instance_profile().into_iter().flat_map(|profile| profile.roles()) {
            let call = client.remove_role_from_instance_profile().instance_profile_name(name);
            let removed = call.role_name(role.role_name()).send().await;
            part(removed).map_err(failed(format!("RemoveRoleFromInstanceProfile {name}")))?;
        }
        let call = client.delete_instance_profile().instance_profile_name(name);
        call.send().await.map(|_| ()).map_err(failed(format!("DeleteInstanceProfile {name}")))
    }

    pub(crate) async fn delete_role(&self, name: &str) -> Result<(), CallError> {
        let client = self.clients.iam();
        let inline: Vec<_> = client
            .list_role_policies()
            .role_name(name)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed(format!("ListRolePolicies {name}")))?;
        for policy in inline {
            let call = client.delete_role_policy().role_name(name).policy_name(&policy);
            part(call.send().await).map_err(failed(format!("DeleteRolePolicy {name} {policy}")))?;
        }
        let attached: Vec<_> = client
            .list_attached_role_policies()
            .role_name(name)
            .into_paginator()
            .items()
            .send()
            .try_collect()
            .await
            .map_err(failed(format!("ListAttachedRolePolicies {name}")))?;
        for arn in attached.iter().filter_map(|policy| policy.policy_arn()) {
            let call = client.detach_role_policy().role_name(name).policy_arn(arn);
            part(call.send().await).map_err(failed(format!("DetachRolePolicy {name} {arn}")))?;
        }
        client.delete_role().role_name(name).send().await.map(|_| ()).map_err(failed(format!("DeleteRole {name}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_rolling::ports::Retryability;

    #[test]
    fn codes_decide_what_happens_next() {
        let of_kind = |kind, code: &str, retryability| {
            let error = ApiError { action: "DeleteX".to_owned(), message: format!("{code}: no"), retryability };
            remove_error(kind, CallError { code: Some(code.to_owned()), error })
        };
        let removal = |code: &str, retryability| of_kind(Kind::Vpc, code, retryability);
        assert_eq!(removal("InvalidVpcID.NotFound", Retryability::Permanent), None);
        assert_eq!(removal("DependencyViolation", Retryability::Permanent), Some(RemoveError::InUse));
        // Addresses in use are refused this way, too.
        assert_eq!(removal("AuthFailure", Retryability::Unauthenticated), Some(RemoveError::InUse));
        let denied = removal("UnauthorizedOperation", Retryability::AccessDenied);
        assert_eq!(denied, Some(RemoveError::Denied("DeleteX: UnauthorizedOperation: no".to_owned())));
        let part = removal("InvalidSecurityGroupRuleId.NotFound", Retryability::Permanent);
        assert!(matches!(part, Some(RemoveError::Failed(_))));
        let missing =
            ApiError::permanent("DeleteAutoScalingGroup a", "AutoScalingGroup name not found - 'a' not found");
        let missing = CallError { code: Some("ValidationError".to_owned()), error: missing };
        assert_eq!(remove_error(Kind::AutoScalingGroup, missing), None);
        let attachment = of_kind(Kind::AutoScalingGroup, "TargetGroupNotFound", Retryability::Permanent);
        assert!(matches!(attachment, Some(RemoveError::Failed(_))));
    }
}
