"""A contract for import-linter: a room and the only packages its modules may import, the standard library aside.

import-linter's own `forbidden` contract names what must not be imported; "torch and numpy only" needs the reverse.
The rooms and what each may import stand in pyproject.toml; `make lint` checks them.
"""

import sys

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def within(module: str, packages: set[str]) -> bool:
    """Tell whether `module` is one of `packages` or lies inside one."""
    return any(module == package or module.startswith(package + ".") for package in packages)


class MayImport(Contract):
    """`room` may import itself and what `allowed` lists, directly; nothing else."""

    type_name = "may_import"
    room = fields.ModuleField()
    allowed = fields.SetField(subfield=fields.ModuleField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect each import of the room that leads outside what is allowed."""
        room = self.room.name
        if room not in graph.modules:
            raise ValueError(f"{room} does not exist; the rooms are listed in pyproject.toml")
        allowed = {room, *(module.name for module in self.allowed or ())} | sys.stdlib_module_names
        wrong = [
            graph.get_import_details(importer=module, imported=imported)[0]
            for module in {room} | graph.find_descendants(room)
            for imported in graph.find_modules_directly_imported_by(module)
            if not within(imported, allowed)
        ]
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import that is not allowed, with its line."""
        for detail in sorted(check.metadata["wrong"], key=lambda detail: (detail["importer"], detail["line_number"])):
            output.print_error(f"{detail['importer']}, line {detail['line_number']}: {detail['line_contents']}", bold=False)
        allowed = ", ".join(sorted(module.name for module in self.allowed or ()))
        output.print_error(f"{self.room.name} may import only {allowed or 'itself'}.", bold=False)
