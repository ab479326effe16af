//! What kinds of services there are.

/// Each service category with its subcategories.
pub const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "AI and Machine Learning",
        &[
            "AI Platforms",
            "Bots",
            "Generative AI",
            "Machine Learning",
            "Natural Language Processing",
            "Other (AI and Machine Learning)",
        ],
    ),
    (
        "Analytics",
        &[
            "Analytics Platforms",
            "Business Intelligence",
            "Data Processing",
            "Search",
            "Streaming Analytics",
            "Other (Analytics)",
        ],
    ),
    ("Business Applications", &["Productivity and Collaboration", "Other (Business Applications)"]),
    (
        "Compute",
        &["Containers", "End User Computing", "Quantum Compute", "Serverless Compute", "Virtual Machines", "Other (Compute)"],
    ),
    (
        "Databases",
        &[
            "Caching",
            "Data Warehouses",
            "Ledger Databases",
            "NoSQL Databases",
            "Relational Databases",
            "Time Series Databases",
            "Other (Databases)",
        ],
    ),
    (
        "Developer Tools",
        &[
            "Developer Platforms",
            "Continuous Integration and Deployment",
            "Development Environments",
            "Source Code Management",
            "Quality Assurance",
            "Other (Developer Tools)",
        ],
    ),
    ("Multicloud", &["Multicloud Integration", "Other (Multicloud)"]),
    ("Identity", &["Identity and Access Management", "Other (Identity)"]),
    ("Integration", &["API Management", "Messaging", "Workflow Orchestration", "Other (Integration)"]),
    ("Internet of Things", &["IoT Analytics", "IoT Platforms", "Other (Internet of Things)"]),
    (
        "Management and Governance",
        &[
            "Architecture",
            "Compliance",
            "Cost Management",
            "Data Governance",
            "Disaster Recovery",
            "Endpoint Management",
            "Observability",
            "Support",
            "Other (Management and Governance)",
        ],
    ),
    ("Media", &["Content Creation", "Gaming", "Media Streaming", "Mixed Reality", "Other (Media)"]),
    ("Migration", &["Data Migration", "Resource Migration", "Other (Migration)"]),
    ("Mobile", &["Other (Mobile)"]),
    (
        "Networking",
        &[
            "Application Networking",
            "Content Delivery",
            "Network Connectivity",
            "Network Infrastructure",
            "Network Routing",
            "Network Security",
            "Other (Networking)",
        ],
    ),
    ("Security", &["Secret Management", "Security Posture Management", "Threat Detection and Response", "Other (Security)"]),
    ("Storage", &["Backup Storage", "Block Storage", "File Storage", "Object Storage", "Storage Platforms", "Other (Storage)"]),
    ("Web", &["Application Platforms", "Other (Web)"]),
    ("Other", &["Other (Other)"]),
];

/// The names of the categories, in the order of [`CATEGORIES`].
pub const CATEGORY_NAMES: &[&str] = &names();

const fn names() -> [&'static str; CATEGORIES.len()] {
    let mut names = [""; CATEGORIES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = CATEGORIES[at].0;
        at += 1;
    }
    names
}

/// The category of a subcategory, which has one.
pub fn category_of(subcategory: &str) -> Option<&'static str> {
    CATEGORIES.iter().find(|(_, subcategories)| subcategories.contains(&subcategory)).map(|(category, _)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_has_a_subcategory_for_what_is_in_no_other() {
        for (category, subcategories) in CATEGORIES {
            assert_eq!(subcategories.last(), Some(&format!("Other ({category})").as_str()));
        }
    }

    #[test]
    fn a_subcategory_has_one_category() {
        let count = CATEGORIES.iter().map(|(_, subcategories)| subcategories.len()).sum::<usize>();
        assert_eq!((CATEGORY_NAMES.len(), count), (19, 82));
        for (category, subcategories) in CATEGORIES {
            assert!(subcategories.iter().all(|subcategory| category_of(subcategory) == Some(category)));
        }
        assert_eq!((category_of("Object Storage"), category_of("Storage")), (Some("Storage"), None));
    }
}
