"""The analyses of the paper and our own, one file a study.

>>> from fluidmol.values.parts import Part
>>> STUDIES.build(Part("cross-domain")).title
'Cross-domain validation'
"""

from __future__ import annotations

from fluidmol.studies.lab.study import Study
from fluidmol.values.parts import Catalogue

STUDIES: Catalogue[Study] = Catalogue(
    "study",
    {
        "ablation": "fluidmol.studies.analyses.ablation:Ablation",
        "all-domains": "fluidmol.studies.analyses.all_domains:AllDomains",
        "benchmark": "fluidmol.studies.analyses.benchmark:Benchmark",
        "contribution": "fluidmol.studies.analyses.contribution:Contribution",
        "cross-domain": "fluidmol.studies.analyses.cross_domain:CrossDomain",
        "domain": "fluidmol.studies.analyses.domain:ApplicabilityDomain",
        "leave-one-out": "fluidmol.studies.analyses.leave_one_out:LeaveOneOut",
        "malicious": "fluidmol.studies.analyses.malicious:Malicious",
        "overlap": "fluidmol.studies.analyses.overlap:Overlaps",
        "own-domain": "fluidmol.studies.analyses.own_domain:OwnDomain",
        "privacy": "fluidmol.studies.analyses.privacy:Privacy",
        "selection": "fluidmol.studies.analyses.selection:SelectionStudy",
        "shift": "fluidmol.studies.analyses.shift:Shift",
        "student-size": "fluidmol.studies.analyses.student_size:StudentSize",
        "teacher-count": "fluidmol.studies.analyses.teacher_count:TeacherCount",
        "teacher-cv": "fluidmol.studies.analyses.teacher_cv:TeacherCV",
    },
)
"""Studies by name. A study's attrs fields are its settings."""
