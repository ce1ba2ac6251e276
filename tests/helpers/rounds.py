"""A round, played on to its end."""


def to_the_end(hub, companies, folder):
    """Everybody comes until nothing more is awaited; accepted replies that are lost are put back."""
    for _ in range(4):
        outcome = hub.go()
        if not isinstance(outcome, str):
            return outcome
        for company in companies.values():
            desk = company.desk(folder)
            for question in desk.questions():
                desk.put_back(question, company.gate.ledger)
            company.visit(folder)
    raise AssertionError(outcome)
