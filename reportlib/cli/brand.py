"""The command that reads the file of brands and says what it makes of it."""

import click

from reportlib.cli.terminal import plain, print_table


@click.command("brand")
def show_brand():
    """Check parameters/brand.yaml, and show what it says of all accounts and of those with a brand of their own."""
    from reportlib.presentation.look.brand.accent import adjusted
    from reportlib.presentation.look.brand.brand import FILE, brand_of, branded_accounts
    from reportlib.suite import PARAMETERS, parameter_file

    if parameter_file(FILE) is None:
        click.echo(f"There is no {PARAMETERS}/{FILE}: reports look as they come with the package.")
    rows, remarks = [], []
    for account in (None, *branded_accounts()):
        name, brand = plain(account or "all accounts"), brand_of(account)
        logo = f"{brand.logo.kind}, {len(brand.logo.content):,} bytes" if brand.logo else "none"
        rows.append((name, plain(brand.name or "none"), logo, brand.accent or "as it comes", *_in_force(brand)))
        if brand.accent and (said := adjusted(brand.accent)):
            remarks.append(f"{name}: {said}")
    print_table(("brand of", "name", "logo", "accent", "goals", "numbers and dates"), rows)
    for remark in remarks:
        click.echo(remark)


def _in_force(brand):
    """The goals and an example of numbers and dates."""
    from datetime import date

    from reportlib.presentation.look import numbers
    from reportlib.presentation.look.brand.brand import shown_in
    from reportlib.presentation.look.goals_in_words import told_goals

    said = [f"{channel}: {goals}" if channel else goals for channel, goals in told_goals(brand).items()]
    with shown_in(brand):
        example = f"{numbers.decimal(1234567.8, 1)}; {numbers.day(date(2026, 11, 15).isoformat())}"
    return "; ".join(said), example.replace("\u00a0", " ")
