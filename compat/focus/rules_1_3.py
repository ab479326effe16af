"""Derives rules for FOCUS 1.3 from those for 1.2 that come with the official validator, which has none for 1.3 offline.

They are not official: the rules for 1.2, all of which 1.3 keeps, and for each of the eight columns that 1.3 adds that it is there,
that its cells are of its type, and whether they may be null.
"""

import json
from pathlib import Path

DATASET = "CostAndUsage"
# All presence rules of columns are children of the first of these, all rules about their cells of the second.
PRESENCE, CELLS = f"{DATASET}-D-001-M", f"{DATASET}-D-002-M"

SPLIT_COSTS = "DATA_GENERATOR_SPLIT_COST_ALLOCATION_SUPPORTED"
CONTRACTS = "CONTRACT_COMMITMENTS_SUPPORTED"
CRITERIA = {
    SPLIT_COSTS: "The data generator splits shared costs.",
    CONTRACTS: "The service provider has contract commitments.",
}

STRING = [("Type", "TypeString", "be of type String"), ("Format", "FormatString", "conform to StringHandling requirements")]
KEY_VALUES = [("Format", "FormatKeyValue", "conform to KeyValueFormat requirements")]
OBJECT = [("Type", "TypeJSON", "be of type JSON")]

# Column, how much it must be there, when, what its cells are, whether they may be null.
COLUMNS = [
    ("AllocatedMethodDetails", "SHOULD", SPLIT_COSTS, OBJECT, True),
    ("AllocatedMethodId", "MUST", SPLIT_COSTS, STRING, True),
    ("AllocatedResourceId", "MUST", SPLIT_COSTS, STRING, True),
    ("AllocatedResourceName", "MUST", SPLIT_COSTS, STRING, True),
    ("AllocatedTags", "MUST", SPLIT_COSTS, KEY_VALUES, True),
    ("ContractApplied", "MUST", CONTRACTS, OBJECT, True),
    ("HostProviderName", "MUST", None, STRING, True),
    ("ServiceProviderName", "MUST", None, STRING, False),
]


class Model:
    """The rules, and what is added to them."""

    def __init__(self, source: Path):
        self.model = json.loads(source.read_text())
        self.rules = self.model["ModelRules"]
        self.of_dataset = self.model["ModelDatasets"][DATASET]["ModelRules"]

    def add(self, rule_id, column, what, text, keyword, requirement, criterion, children=()):
        """Adds one rule."""
        function, entity = what
        self.rules[rule_id] = {
            "Function": function,
            "Reference": column,
            "EntityType": entity,
            "Notes": "",
            "ModelVersionIntroduced": "1.3",
            "Status": "Active",
            "ApplicabilityCriteria": [criterion] if criterion else [],
            "Type": "Static",
            "ValidationCriteria": {
                "MustSatisfy": text,
                "Keyword": keyword,
                "Requirement": requirement,
                "Condition": {},
                "Dependencies": list(children),
            },
        }
        self.of_dataset.append(rule_id)

    def append_child(self, parent_id, child_id):
        """Makes a rule one of those that a rule consists of."""
        criteria = self.rules[parent_id]["ValidationCriteria"]
        criteria["Requirement"]["Items"].append(by_reference(child_id))
        criteria["Dependencies"].append(child_id)

    def add_column(self, number, column, keyword, criterion, formats, nullable):
        """Adds the rules about a column."""
        presence = f"{DATASET}-D-{number:03}-{'C' if criterion else 'M'}"
        text = f"{column} {keyword} be present in a Cost and Usage FOCUS dataset."
        requirement = {"CheckFunction": "ColumnPresent", "ColumnName": column}
        self.add(presence, column, ("Presence", "Dataset"), text, keyword, requirement, criterion)
        self.append_child(PRESENCE, presence)

        checks = [(kind, function, f"MUST {what}", "MUST", {}) for kind, function, what in formats]
        if not nullable:
            checks.append(("Nullability", "CheckNotValue", "MUST NOT be null", "MUST NOT", {"Value": None}))
        children = []
        for position, (kind, function, what, word, more) in enumerate(checks, start=1):
            child = f"{column}-C-{position:03}-M"
            requirement = {"CheckFunction": function, "ColumnName": column, **more}
            self.add(child, column, (kind, "Column"), f"{column} {what}.", word, requirement, criterion)
            children.append(child)
        whole = f"{column}-C-000-M"
        requirement = {"CheckFunction": "AND", "Items": [by_reference(child) for child in children]}
        text = f"{column} adheres to the following requirements:"
        self.add(whole, column, ("Composite", "Column"), text, "MUST", requirement, criterion, [presence, *children])
        self.append_child(CELLS, whole)


def by_reference(rule_id):
    return {"CheckFunction": "CheckModelRule", "ModelRuleId": rule_id}


def derive(source: Path, target: Path) -> int:
    """Writes the rules for 1.3; returns how many there are."""
    model = Model(source)
    model.model["Details"] = {"ModelVersion": "1.3.0", "FOCUSVersion": "1.3"}
    for name, description in CRITERIA.items():
        model.model["ApplicabilityCriteria"][name] = {"Description": description}
    first = 1 + max(int(rule_id.split("-")[2]) for rule_id in model.rules if rule_id.startswith(f"{DATASET}-D-"))
    for number, column in enumerate(COLUMNS, start=first):
        model.add_column(number, *column)
    target.write_text(json.dumps(model.model))
    return len(model.rules)
