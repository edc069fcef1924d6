//! What an instance reads at boot: node configuration, boot script, asset lists.
