"""What the grammars call things: names, declarations, scopes, members. Everything `scopes` knows about a language."""
from __future__ import annotations

from dataclasses import dataclass, field


def pairs(text: str) -> dict[tuple[str, str | None], str]:
    """'parent.field=kind ...' or 'parent>=kind' for children without a field."""
    out = {}
    for part in text.split():
        left, kind = part.rsplit('=', 1)
        parent, dot, name = left.partition('.')
        out[parent.rstrip('>'), name if dot else None] = kind
    return out


@dataclass
class Grammar:
    names: set[str]  # leaf types that are names
    decls: dict[tuple[str, str | None], str]  # (parent, field) of a declared pattern: what it declares
    roles: dict[tuple[str, str | None], str]  # (parent, field) of a leaf that is no plain reference: member, key, kwarg, label, ...
    through: set[str]  # pattern nodes between a declaration and its name
    funcs: set[str]
    blocks: set[str] = field(default_factory=set)  # empty: functions are the only scopes
    classes: set[str] = field(default_factory=set)
    opaque: set[tuple[str, str | None]] = field(default_factory=set)  # fields inside `through` nodes that declare nothing
    selves: set[str] = field(default_factory=lambda: {'this', 'self'})
    strings: set[str] = field(default_factory=lambda: {'string', 'string_literal'})
    calls: dict[str, tuple[str, str]] = field(default_factory=dict)  # call node: fields of callee and arguments
    member: dict[str, tuple[str, str]] = field(default_factory=dict)  # member access: fields of object and name


JS = Grammar(
    names=set('identifier property_identifier private_property_identifier shorthand_property_identifier '
              'shorthand_property_identifier_pattern type_identifier statement_identifier'.split()),
    decls=pairs('variable_declarator.name=local formal_parameters>=param required_parameter.pattern=param optional_parameter.pattern=param '
                'arrow_function.parameter=param catch_clause.parameter=local for_in_statement.left=local function_declaration.name=func '
                'generator_function_declaration.name=func function_signature.name=func class_declaration.name=class abstract_class_declaration.name=class interface_declaration.name=class '
                'type_alias_declaration.name=class enum_declaration.name=class import_clause>=import import_specifier.alias=import import_specifier.name=import '
                'namespace_import>=import type_parameter.name=typeparam method_definition.name=method public_field_definition.name=field '
                'field_definition.property=field property_signature.name=field method_signature.name=method abstract_method_signature.name=method'),
    roles=pairs('member_expression.property=member pair.key=key pair_pattern.key=key labeled_statement.label=label break_statement.label=label '
                'continue_statement.label=label nested_type_identifier.name=member export_specifier.alias=key export_specifier.name=export '
                'enum_body.name=key enum_assignment.name=key jsx_attribute>=key namespace_export>=key nested_identifier.property=member'),
    through=set('object_pattern array_pattern rest_pattern assignment_pattern pair_pattern object_assignment_pattern'.split()),
    opaque={('assignment_pattern', 'right'), ('pair_pattern', 'key'), ('object_assignment_pattern', 'right'), ('object_pattern', 'x')},
    funcs=set('function_declaration function_expression arrow_function method_definition generator_function_declaration '
              'generator_function function_signature method_signature function_type abstract_method_signature call_signature construct_signature'.split()),
    blocks=set('statement_block for_statement for_in_statement catch_clause switch_body class_static_block'.split()),
    classes={'class_declaration', 'class', 'abstract_class_declaration', 'interface_declaration'},
    calls={'call_expression': ('function', 'arguments'), 'new_expression': ('constructor', 'arguments')},
    member={'member_expression': ('object', 'property')}, strings={'string', 'template_string'})

GRAMMARS: dict[str, Grammar] = {
    'javascript': JS, 'typescript': JS, 'tsx': JS,
    'python': Grammar(
        names={'identifier'},
        decls=pairs('assignment.left=local augmented_assignment.left=assign for_statement.left=local for_in_clause.left=local named_expression.name=local '
                    'as_pattern_target>=local as_pattern.alias=local parameters>=param default_parameter.name=param typed_parameter>=param typed_default_parameter.name=param '
                    'lambda_parameters>=param function_definition.name=func class_definition.name=class aliased_import.alias=import '
                    'import_from_statement.name=import import_statement.name=import delete_statement>=assign'),
        roles=pairs('attribute.attribute=member keyword_argument.name=kwarg global_statement>=skip nonlocal_statement>=skip '
                    'import_from_statement.module_name=module keyword_pattern>=kwarg'),
        through=set('pattern_list tuple_pattern list_pattern list_splat_pattern dictionary_splat_pattern as_pattern_target dotted_name'.split()),
        funcs={'function_definition', 'lambda', 'list_comprehension', 'set_comprehension', 'dictionary_comprehension', 'generator_expression'},
        classes={'class_definition'}, strings={'string'}, selves={'self', 'cls'}, calls={'call': ('function', 'arguments')},
        member={'attribute': ('object', 'attribute')}),
    'go': Grammar(
        names=set('identifier field_identifier type_identifier package_identifier label_name'.split()),
        decls=pairs('short_var_declaration.left=local var_spec.name=local const_spec.name=const range_clause.left=local parameter_declaration.name=param '
                    'variadic_parameter_declaration.name=param type_switch_statement.alias=local receive_statement.left=local function_declaration.name=func '
                    'method_declaration.name=method type_spec.name=class type_alias.name=class import_spec.name=import field_declaration.name=field method_elem.name=method'),
        roles=pairs('selector_expression.field=member qualified_type.name=member labeled_statement.label=label goto_statement>=label break_statement>=label '
                    'continue_statement>=label qualified_type.package=var'),
        through={'expression_list'}, funcs={'function_declaration', 'method_declaration', 'func_literal', 'function_type', 'method_elem'},
        blocks=set('block if_statement for_statement expression_case type_case default_case communication_case expression_switch_statement '
                   'type_switch_statement'.split()),
        classes={'type_spec'}, selves=set(), strings={'interpreted_string_literal', 'raw_string_literal'},
        calls={'call_expression': ('function', 'arguments')}, member={'selector_expression': ('operand', 'field')}),
    'rust': Grammar(
        names=set('identifier field_identifier type_identifier shorthand_field_identifier'.split()),
        decls=pairs('let_declaration.pattern=local parameter.pattern=param closure_parameters>=param for_expression.pattern=local match_pattern>=local '
                    'let_condition.pattern=local const_item.name=const static_item.name=const function_item.name=func function_signature_item.name=func struct_item.name=class '
                    'enum_item.name=class trait_item.name=class type_item.name=class use_as_clause.alias=import field_declaration.name=field '
                    'enum_variant.name=variant type_parameters>=typeparam union_item.name=class mod_item.name=module macro_definition.name=macro'),
        roles=pairs('field_expression.field=member field_initializer.field=key field_pattern.name=key scoped_identifier.name=member scoped_identifier.path=var '
                    'scoped_type_identifier.name=member lifetime>=label label>=label macro_invocation.macro=macro attribute>=skip generic_function.function=var '
                    'type_binding.name=key scoped_use_list.path=var use_list>=import use_declaration.argument=import'),
        through=set('tuple_pattern tuple_struct_pattern struct_pattern field_pattern mut_pattern reference_pattern ref_pattern captured_pattern slice_pattern or_pattern parameter'.split()),
        opaque={('tuple_struct_pattern', 'type'), ('struct_pattern', 'type'), ('parameter', 'type')},
        funcs={'function_item', 'closure_expression', 'function_signature_item', 'function_type'},
        blocks=set('block match_arm for_expression if_expression while_expression'.split()), classes={'impl_item', 'trait_item'},
        strings={'string_literal'}, selves={'self'}, calls={'call_expression': ('function', 'arguments')}, member={'field_expression': ('value', 'field')}),
    'java': Grammar(
        names={'identifier', 'type_identifier'},
        decls=pairs('variable_declarator.name=local formal_parameter.name=param catch_formal_parameter.name=local enhanced_for_statement.name=local '
                    'lambda_expression.parameters=param inferred_parameters>=param resource.name=local method_declaration.name=method class_declaration.name=class '
                    'interface_declaration.name=class enum_declaration.name=class record_declaration.name=class constructor_declaration.name=ctor enum_constant.name=variant '
                    'instanceof_expression.name=local type_parameter>=typeparam annotation_type_declaration.name=class'),
        roles=pairs('field_access.field=member method_invocation.name=method method_reference>=member element_value_pair.key=key labeled_statement>=label '
                    'break_statement>=label continue_statement>=label scoped_identifier.name=module scoped_identifier.scope=module scoped_type_identifier>=module package_declaration>=module'),
        through=set(), funcs={'method_declaration', 'constructor_declaration', 'lambda_expression', 'compact_constructor_declaration'},
        blocks=set('block for_statement enhanced_for_statement catch_clause try_with_resources_statement switch_block_statement_group constructor_body'.split()),
        classes={'class_declaration', 'interface_declaration', 'enum_declaration', 'class_body', 'record_declaration'}, calls={'method_invocation': ('name', 'arguments'), 'object_creation_expression': ('type', 'arguments')},
        member={'field_access': ('object', 'field')}),
    'c': Grammar(
        names=set('identifier field_identifier type_identifier statement_identifier namespace_identifier'.split()),
        decls=pairs('declaration.declarator=local parameter_declaration.declarator=param optional_parameter_declaration.declarator=param for_range_loop.declarator=local '
                    'function_definition.declarator=func preproc_def.name=const preproc_function_def.name=const enumerator.name=const struct_specifier.name=class '
                    'class_specifier.name=class enum_specifier.name=class union_specifier.name=class type_definition.declarator=class field_declaration.declarator=field alias_declaration.name=class '
                    'preproc_params>=param type_parameter_declaration>=typeparam'),
        roles=pairs('field_expression.field=member field_designator>=member labeled_statement.label=label goto_statement.label=label qualified_identifier.name=member '
                    'preproc_ifdef.name=skip preproc_defined>=skip'),
        through=set('init_declarator pointer_declarator array_declarator reference_declarator parenthesized_declarator function_declarator attributed_declarator structured_binding_declarator'.split()),
        opaque={('init_declarator', 'value'), ('array_declarator', 'size'), ('function_declarator', 'parameters')},
        funcs={'function_definition', 'lambda_expression', 'preproc_function_def'}, blocks={'compound_statement', 'for_statement', 'for_range_loop', 'if_statement', 'while_statement'},
        classes={'class_specifier', 'struct_specifier'}, calls={'call_expression': ('function', 'arguments')}, member={'field_expression': ('argument', 'field')}),
    'ruby': Grammar(
        names=set('identifier constant instance_variable class_variable global_variable hash_key_symbol simple_symbol'.split()),
        decls=pairs('assignment.left=local operator_assignment.left=assign left_assignment_list>=local method_parameters>=param block_parameters>=param lambda_parameters>=param optional_parameter.name=param '
                    'splat_parameter.name=param block_parameter.name=param for.pattern=local exception_variable>=local method.name=method singleton_method.name=method '
                    'class.name=class module.name=class keyword_parameter.name=kwparam'),
        roles=pairs('call.method=method pair.key=key scope_resolution.name=member alias>=skip'),
        through={'destructured_parameter', 'left_assignment_list'}, funcs={'method', 'singleton_method', 'do_block', 'block', 'lambda'}, classes={'class', 'module'},
        strings={'string'}, selves={'self'}, calls={'call': ('method', 'arguments')}, member={'call': ('receiver', 'method')}),
    'php': Grammar(
        names={'name'},
        decls=pairs('simple_parameter.name=param variadic_parameter.name=param assignment_expression.left=local foreach_statement>=local catch_clause.name=local property_element.name=field '
                    'property_promotion_parameter.name=skip pair>=local function_definition.name=func method_declaration.name=method class_declaration.name=class '
                    'interface_declaration.name=class trait_declaration.name=class const_element>=const static_variable_declaration.name=local'),
        roles=pairs('member_access_expression.name=member member_call_expression.name=method nullsafe_member_access_expression.name=member nullsafe_member_call_expression.name=method '
                    'scoped_call_expression.name=method class_constant_access_expression>=member scoped_property_access_expression.name=member argument.name=kwarg '
                    'qualified_name>=module namespace_name>=module namespace_use_clause>=module'),
        through={'variable_name', 'list_literal', 'by_ref'}, funcs={'function_definition', 'method_declaration', 'anonymous_function', 'arrow_function'},
        classes={'class_declaration', 'trait_declaration', 'interface_declaration'}, selves={'$this'}, strings={'string', 'encapsed_string'},
        calls={'function_call_expression': ('function', 'arguments'), 'member_call_expression': ('name', 'arguments'), 'object_creation_expression': ('', 'arguments')},
        member={'member_access_expression': ('object', 'name')}),
    'kotlin': Grammar(
        names={'simple_identifier', 'type_identifier', 'interpolated_identifier'},
        decls=pairs('variable_declaration>=local parameter>=param parameter_with_optional_type>=param class_parameter>=field function_declaration>=func class_declaration>=class '
                    'object_declaration>=class catch_block>=local enum_entry>=variant type_alias>=class type_parameter>=typeparam'),
        roles=pairs('navigation_suffix>=member import_header>=module package_header>=module label>=label identifier>=module import_alias>=skip'),
        through={'multi_variable_declaration'}, funcs={'function_declaration', 'lambda_literal', 'anonymous_function', 'getter', 'setter', 'secondary_constructor'},
        blocks={'statements', 'for_statement', 'catch_block', 'when_expression'}, classes={'class_declaration', 'object_declaration', 'class_body'}, calls={'call_expression': ('', '')},
        member={'navigation_expression': ('', '')}),
    'lua': Grammar(
        names={'identifier'},
        decls=pairs('variable_list.name=local parameters.name=param for_numeric_clause.name=local function_declaration.name=func attribute>=skip'),
        roles=pairs('dot_index_expression.field=member method_index_expression.method=member field.name=key goto_statement>=label label_statement>=label'),
        through=set(), funcs={'function_declaration', 'function_definition'},
        blocks={'block', 'for_statement', 'while_statement', 'if_statement', 'repeat_statement', 'do_statement', 'elseif_statement', 'else_statement'},
        strings={'string'}, selves={'self'}, calls={'function_call': ('name', 'arguments')}, member={'dot_index_expression': ('table', 'field')}),
    'bash': Grammar(
        names={'variable_name', 'word'},
        decls=pairs('variable_assignment.name=local for_statement.variable=local function_definition.name=func'), roles=pairs('command.argument=word'),
        through=set(), funcs=set(), strings={'string'}),
    'elisp': Grammar(
        names={'symbol'}, decls=pairs('function_definition.name=func'), roles=pairs('quote>=skip'), through=set(), funcs={'function_definition', 'macro_definition'}, strings={'string'}),
}
GRAMMARS['cpp'] = GRAMMARS['c']
