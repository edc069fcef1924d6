//! VPCs and their contents.

use std::collections::HashSet;

use aws_sdk_ec2::types as ec2;

use super::{ClusterResources, described, name_of};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Kind, Resource};

impl ClusterResources {
    /// The cluster's VPC, owned or shared.
    pub(super) async fn vpc(&self) -> Result<Option<Resource>, ApiError> {
        let client = self.clients.ec2();
        let mut found = described!(client, describe_vpcs, "DescribeVpcs", self.named())?;
        found.extend(described!(client, describe_vpcs, "DescribeVpcs", self.marked())?);
        found.sort_by(|a, b| a.vpc_id().cmp(&b.vpc_id()));
        found.dedup_by(|a, b| a.vpc_id() == b.vpc_id());
        if found.len() > 1 {
            let ids: Vec<&str> = found.iter().filter_map(|vpc| vpc.vpc_id()).collect();
            let message = format!("found multiple VPCs for cluster {:?}: {}", self.rules.cluster(), ids.join(", "));
            return Err(ApiError::permanent("DescribeVpcs", message));
        }
        Ok(found.first().map(|vpc| {
            Resource::new(Kind::Vpc, vpc.vpc_id().unwrap_or_default())
                .named(name_of(vpc.tags()))
                .shared(!self.is_owned(vpc.tags()))
                .before(Kind::DhcpOptions, vpc.dhcp_options_id())
        }))
    }

    /// The network's resources, except the VPC.
    pub(super) async fn network(&self, vpc: Option<&Resource>) -> Result<Vec<Resource>, ApiError> {
        let (groups, options, gateways, egress, tables, subnets, interfaces) = futures::try_join!(
            self.security_groups(),
            self.dhcp_options(),
            self.internet_gateways(vpc),
            self.egress_only_gateways(),
            self.route_tables(),
            self.subnets(),
            self.interfaces(vpc),
        )?;
        let own = tables.iter().filter(|table| !self.has_foreign_nat_gateways(table));
        let routed = own.flat_map(|table| table.routes()).filter_map(|route| route.nat_gateway_id().map(str::to_owned));
        let routed: Vec<String> = routed.collect();
        let nat = self.nat_gateways(routed).await?;
        let addresses = self.addresses(&nat).await?;
        let tables = tables.iter().map(|table| self.route_table(table));
        Ok([groups, options, gateways, egress, subnets, interfaces, nat, addresses]
            .into_iter()
            .flatten()
            .chain(tables)
            .collect())
    }

    async fn security_groups(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let mut found = described!(client, describe_security_groups, "DescribeSecurityGroups", self.named())?;
        found.extend(described!(client, describe_security_groups, "DescribeSecurityGroups", self.marked())?);
        Ok(found
            .iter()
            .map(|group| {
                Resource::new(Kind::SecurityGroup, group.group_id().unwrap_or_default())
                    .named(group.group_name().unwrap_or_default())
                    .shared(!self.is_owned(group.tags()))
                    .before(Kind::Vpc, group.vpc_id())
            })
            .collect())
    }

    async fn dhcp_options(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let found = described!(client, describe_dhcp_options, "DescribeDhcpOptions", self.named())?;
        Ok(found
            .iter()
            .map(|options| {
                Resource::new(Kind::DhcpOptions, options.dhcp_options_id().unwrap_or_default())
                    .named(name_of(options.tags()))
                    .shared(self.is_shared(options.tags()))
            })
            .collect())
    }

    /// Internet gateways of the cluster, and those attached to its own VPC, which cannot be deleted before them.
    async fn internet_gateways(&self, vpc: Option<&Resource>) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let resource = |gateway: &ec2::InternetGateway, shared: bool| {
            let attached = gateway.attachments().iter().filter_map(|attachment| attachment.vpc_id());
            Resource::new(Kind::InternetGateway, gateway.internet_gateway_id().unwrap_or_default())
                .named(name_of(gateway.tags()))
                .shared(shared)
                .before(Kind::Vpc, attached)
        };
        let mut gateways = Vec::new();
        if let Some(vpc) = vpc.filter(|vpc| !vpc.shared) {
            let attached = ec2::Filter::builder().name("attachment.vpc-id").values(&vpc.key.id).build();
            let found = described!(client, describe_internet_gateways, "DescribeInternetGateways", vec![attached])?;
            gateways.extend(found.iter().map(|gateway| resource(gateway, self.is_shared(gateway.tags()))));
        }
        let found = described!(client, describe_internet_gateways, "DescribeInternetGateways", self.named())?;
        gateways.extend(found.iter().map(|gateway| resource(gateway, self.is_shared(gateway.tags()))));
        Ok(gateways)
    }

    async fn egress_only_gateways(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let found = described!(
            client,
            describe_egress_only_internet_gateways,
            "DescribeEgressOnlyInternetGateways",
            self.named()
        )?;
        Ok(found
            .iter()
            .map(|gateway| {
                let attached = gateway.attachments().iter().filter_map(|attachment| attachment.vpc_id());
                let id = gateway.egress_only_internet_gateway_id().unwrap_or_default();
                Resource::new(Kind::EgressOnlyInternetGateway, id)
                    .named(name_of(gateway.tags()))
                    .shared(self.is_shared(gateway.tags()))
                    .before(Kind::Vpc, attached)
            })
            .collect())
    }

    async fn route_tables(&self) -> Result<Vec<ec2::RouteTable>, ApiError> {
        let client = self.clients.ec2();
        let mut found = described!(client, describe_route_tables, "DescribeRouteTables", self.named())?;
        found.extend(described!(client, describe_route_tables, "DescribeRouteTables", self.marked())?);
        Ok(found)
    }

    fn route_table(&self, table: &ec2::RouteTable) -> Resource {
        let subnets = table.associations().iter().filter_map(|association| association.subnet_id());
        Resource::new(Kind::RouteTable, table.route_table_id().unwrap_or_default())
            .named(name_of(table.tags()))
            .shared(!self.is_owned(table.tags()))
            .before(Kind::Vpc, table.vpc_id())
            .after(Kind::Subnet, subnets)
    }

    /// Whether the NAT gateways of a route table belong to others: the table does, or it is tagged so.
    fn has_foreign_nat_gateways(&self, table: &ec2::RouteTable) -> bool {
        const FOREIGN: &str = "AssociatedNatgateway";
        !self.is_owned(table.tags()) || table.tags().iter().any(|tag| tag.key() == Some(FOREIGN))
    }

    async fn subnets(&self) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let found = described!(client, describe_subnets, "DescribeSubnets", self.named())?;
        Ok(found
            .iter()
            .map(|subnet| {
                Resource::new(Kind::Subnet, subnet.subnet_id().unwrap_or_default())
                    .named(name_of(subnet.tags()))
                    .shared(self.is_shared(subnet.tags()))
                    .before(Kind::Vpc, subnet.vpc_id())
            })
            .collect())
    }

    /// Network interfaces that something left behind.
    async fn interfaces(&self, vpc: Option<&Resource>) -> Result<Vec<Resource>, ApiError> {
        let Some(vpc) = vpc else { return Ok(Vec::new()) };
        let client = self.clients.ec2();
        let filter = |name: &str, value: &str| ec2::Filter::builder().name(name).values(value).build();
        let unused = [filter("vpc-id", &vpc.key.id), filter("status", "available")];
        let with = |mut filters: Vec<ec2::Filter>| {
            filters.extend(unused.clone());
            filters
        };
        let mut found =
            described!(client, describe_network_interfaces, "DescribeNetworkInterfaces", with(self.named()))?;
        found.extend(described!(
            client,
            describe_network_interfaces,
            "DescribeNetworkInterfaces",
            with(self.marked())
        )?);
        Ok(found
            .iter()
            .map(|interface| {
                Resource::new(Kind::NetworkInterface, interface.network_interface_id().unwrap_or_default())
                    .named(name_of(interface.tag_set()))
                    .shared(!self.is_owned(interface.tag_set()))
                    .before(Kind::Vpc, interface.vpc_id())
                    .before(Kind::Subnet, interface.subnet_id())
            })
            .collect())
    }

    /// The NAT gateways with the cluster's name or tag, and those that its private subnets are routed to.
    ///
    /// A gateway without a tag of the cluster is kept: gateways that users provide need not be tagged as shared.
    async fn nat_gateways(&self, routed: Vec<String>) -> Result<Vec<Resource>, ApiError> {
        let client = self.clients.ec2();
        let mut found = described!(client, describe_nat_gateways, set_filter, "DescribeNatGateways", self.named())?;
        found.extend(described!(client, describe_nat_gateways, set_filter, "DescribeNatGateways", self.marked())?);
        if !routed.is_empty() {
            let ids = ec2::Filter::builder().name("nat-gateway-id").set_values(Some(routed)).build();
            found.extend(described!(client, describe_nat_gateways, set_filter, "DescribeNatGateways", vec![ids])?);
        }
        // One that was deleted is listed for an hour still.
        found.retain(|gateway| !matches!(gateway.state(), Some(ec2::NatGatewayState::Deleted)));
        Ok(found
            .iter()
            .map(|gateway| {
                let addresses = gateway.nat_gateway_addresses().iter().filter_map(|address| address.allocation_id());
                Resource::new(Kind::NatGateway, gateway.nat_gateway_id().unwrap_or_default())
                    .named(name_of(gateway.tags()))
                    .shared(!self.is_owned(gateway.tags()))
                    .before(Kind::ElasticIp, addresses)
                    .before(Kind::Subnet, gateway.subnet_id())
                    .before(Kind::Vpc, gateway.vpc_id())
            })
            .collect())
    }

    /// The addresses that are tagged as owned, and those of the cluster's NAT gateways. The cluster's name alone may be a tag for
    /// the costs of an address that a user allocated: kops does not look for it, and a released address does not come back.
    async fn addresses(&self, gateways: &[Resource]) -> Result<Vec<Resource>, ApiError> {
        let call = self.clients.ec2().describe_addresses().set_filters(Some(self.named()));
        let found = call.send().await.map_err(crate::error::failed("DescribeAddresses"))?;
        let own: HashSet<&str> = gateways
            .iter()
            .filter(|gateway| !gateway.shared)
            .flat_map(|gateway| &gateway.blocks)
            .filter(|key| key.kind == Kind::ElasticIp)
            .map(|key| key.id.as_str())
            .collect();
        let is_owned = |address: &ec2::Address| {
            let id = address.allocation_id().unwrap_or_default();
            self.is_owned(address.tags()) && (self.is_marked_owned(address.tags()) || own.contains(id))
        };
        Ok(found
            .addresses()
            .iter()
            .map(|address| {
                Resource::new(Kind::ElasticIp, address.allocation_id().unwrap_or_default())
                    .named(address.public_ip().unwrap_or_default())
                    .shared(!is_owned(address))
            })
            .collect())
    }
}
