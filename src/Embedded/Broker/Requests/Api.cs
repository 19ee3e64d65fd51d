using Etl.Codecs.Kafka;

namespace Etl.Embedded.Broker.Requests;

internal delegate ValueTask<Reaction> Handler(Request request, CancellationToken cancel);

/// <summary>One kind of request that the broker answers, with the versions it offers.</summary>
internal sealed record Api(ApiKey Key, short Oldest, short Newest, short FlexibleFrom, Handler Handle)
{
    public Api(ApiKey key, short oldest, short newest, short flexibleFrom, Func<Request, Reaction> handle)
        : this(key, oldest, newest, flexibleFrom, (request, _) => new(handle(request)))
    {
    }

    public bool Offers(short version) => version >= Oldest && version <= Newest;
}
