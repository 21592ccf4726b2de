"""Projects that several modules here ask."""

from tests.freshness.made_params_cases import tuned as tuned
from tests.freshness.unseen_cases import unseen as unseen
from tests.freshness.usual_cases import project as project
