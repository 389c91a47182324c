using Google.Rpc;
using RiskGrid.Grid;
using RiskGrid.Model;

namespace RiskGrid.Grains;

/// <summary>The refusals that grains throw; their codes are gRPC's.</summary>
internal static class GrainErrors
{
    /// <summary>A refusal by field.</summary>
    public static GrainCallException Invalid(ValidationException e) => new(GridErrorCode.InvalidArgument, e.Message, Fields(e));

    /// <summary>A state that does not allow what was asked; the field says which part.</summary>
    public static GrainCallException Precondition(ValidationException e) => new(GridErrorCode.FailedPrecondition, e.Message, Fields(e));

    /// <summary>Something that does not exist.</summary>
    public static GrainCallException Missing(string message) => new(GridErrorCode.NotFound, message);

    /// <summary>A state that is not the one the request was made for: read it again, and ask anew.</summary>
    public static GrainCallException Conflict(string message) => new(GridErrorCode.Aborted, message);

    /// <summary>A passing trouble: the same call may succeed soon.</summary>
    public static GrainCallException Retry(string message) => new(GridErrorCode.Unavailable, message);

    private static BadRequest Fields(ValidationException e) => new()
    {
        FieldViolations = { e.All.Select(f => new BadRequest.Types.FieldViolation { Field = f.Field, Description = f.Reason }) },
    };
}
