//! What stays of a portal when the settings no longer name it: by what its articles are known to the world.

/// The identity of a portal: what stands in its articles' tags (RFC 4151), and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalIdentity {
    /// Portal id, such as `quangtri`.
    pub id: String,
    /// Its full name.
    pub name: String,
    /// The tagging authority, such as `quangtri.gov.vn`.
    pub authority: String,
    /// The year of the authority in tags.
    pub year: i32,
}
